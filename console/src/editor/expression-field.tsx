import { useContext, useId } from 'react';
import { NamesContext } from '../expression/context.ts';
import { ExpressionEditor, type Mark } from '../expression/expression-editor.tsx';

export interface ExpressionFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** What the analysis says about parts of it. */
  readonly marks: readonly Mark[];
  /** What is wrong beyond the marks. */
  readonly problem?: string | undefined;
  readonly place: string;
}

/** An expression of the definition, with what is wrong about it. */
export function ExpressionField({ label, value, onChange, marks, problem, place }: ExpressionFieldProps) {
  const id = useId();
  const names = useContext(NamesContext);
  const said = new Set(marks.map(({ message }) => message));
  const problems = [
    ...marks.map(({ level, message }) => ({ level, message })),
    ...(problem === undefined || said.has(problem) ? [] : [{ level: 'ERROR', message: problem }]),
  ];
  return (
    <div className="field" data-place={place}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a label that leads to its field, as labels do */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field itself is reached with Tab */}
      <span
        id={id}
        className="label"
        onClick={(event) =>
          event.currentTarget.parentElement?.querySelector<HTMLElement>('.cm-content')?.focus()
        }
      >
        {label}
      </span>
      <ExpressionEditor
        value={value}
        onChange={onChange}
        names={names}
        marks={marks}
        labelledBy={id}
        describedBy={problems.length === 0 ? undefined : `${id}-problems`}
      />
      {problems.length > 0 && (
        <div id={`${id}-problems`}>
          {problems.map(({ level, message }) => (
            <span key={message} className={level === 'ERROR' ? 'problem' : 'hint'}>
              {level === 'WARNING' && 'Warning: '}
              {message}
            </span>
          ))}
        </div>
      )}
    </div>
  );
}
