import { CircleAlert, type LucideIcon, PlugZap } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError } from '../api/call.ts';
import { MessageText } from './message-text.tsx';

/** While something is on its way. */
export function Loading({ what = 'Loading' }: { readonly what?: string }) {
  return (
    <div className="notice" role="status">
      <div className="spinner" />
      <p>{what}…</p>
    </div>
  );
}

export interface EmptyProps {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly children?: ReactNode;
  /** What to do next. */
  readonly action?: ReactNode;
}

/** In place of a list that has nothing in it: says what would be there, and how it gets there. */
export function Empty({ icon: Icon, title, children, action }: EmptyProps) {
  return (
    <div className="notice">
      <Icon aria-hidden="true" />
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
      {action}
    </div>
  );
}

/** In place of what could not be loaded. */
export function Failed({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const { title, text, code } = explain(error);
  const Icon = code === 'Unreachable' ? PlugZap : CircleAlert;
  const isMissing = code === 'ResourceNotFoundException';
  return (
    <div className="notice" role="alert">
      <Icon aria-hidden="true" />
      <h2>{title}</h2>
      <p className="wrap">{text}</p>
      {code !== undefined && code !== 'Unreachable' && <code className="soft small-text">{code}</code>}
      {retry !== undefined && !isMissing && (
        <button type="button" className="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

function explain(error: unknown): { title: string; text: string; code?: string } {
  if (!(error instanceof ApiError))
    return { title: 'Something went wrong', text: error instanceof Error ? error.message : String(error) };
  const { code, message } = error;
  if (code === 'Unreachable') return { title: 'The server does not answer', text: message, code };
  if (code === 'AccessDeniedException')
    return { title: 'Your access key may not do this', text: message, code };
  // What AWS IoT says of a rule that is not there, too.
  if (code === 'UnauthorizedException') return { title: 'Not found, or not allowed', text: message, code };
  if (code === 'ResourceNotFoundException') return { title: 'Not found', text: message, code };
  if (error.status >= 500) return { title: 'The server cannot do this now', text: message, code };
  return { title: 'The server refused this', text: message, code };
}

/** The message of a failed change, beside what was to be changed. */
export function Problem({ error }: { readonly error: unknown }) {
  if (error === null || error === undefined) return null;
  return (
    <div className="banner bad" role="alert">
      <CircleAlert aria-hidden="true" />
      <div className="grow wrap">
        <MessageText text={explain(error).text} />
      </div>
    </div>
  );
}
