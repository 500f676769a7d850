import { Children, type ReactNode, useEffect } from 'react';

export interface PageHeadProps {
  readonly title: string;
  /** Links to the screens above this one. */
  readonly crumbs?: ReactNode;
  /** Beside the title. */
  readonly badges?: ReactNode;
  readonly children?: ReactNode;
}

/** A screen's heading, the way to it and what can be done there; also the tab's title. */
export function PageHead({ title, crumbs, badges, children }: PageHeadProps) {
  useEffect(() => {
    document.title = `${title} · Tripline`;
  }, [title]);
  return (
    <div className="page-head">
      <div className="stack tight">
        {crumbs !== undefined && (
          <nav aria-label="Breadcrumb">
            <ol className="crumbs">
              {Children.map(crumbs, (crumb) => (
                <li>{crumb}</li>
              ))}
            </ol>
          </nav>
        )}
        <div className="row">
          <h1>{title}</h1>
          {badges}
        </div>
      </div>
      {children !== undefined && <div className="row">{children}</div>}
    </div>
  );
}

export interface PanelProps {
  readonly title: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** Without space around the content. */
  readonly flush?: boolean;
  readonly className?: string;
}

export function Panel({ title, actions, children, flush = false, className = '' }: PanelProps) {
  return (
    <section className={`panel ${className}`} aria-label={title}>
      <header>
        <h2>{title}</h2>
        {actions !== undefined && <div className="row">{actions}</div>}
      </header>
      {flush ? children : <div className="body">{children}</div>}
    </section>
  );
}
