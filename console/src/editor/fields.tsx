import { useId } from 'react';

export interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly problem?: string | undefined;
  readonly hint?: string;
  /** The place in the definition, by which a finding leads here. */
  readonly place?: string;
}

/** A text of the definition, with what is wrong about it. */
export function TextField({ label, value, onChange, problem, hint, place }: TextFieldProps) {
  const id = useId();
  const described = problem === undefined ? undefined : `${id}-problem`;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        spellCheck={false}
        value={value}
        aria-invalid={problem !== undefined}
        aria-describedby={described}
        data-place={place}
        onChange={(event) => onChange(event.target.value)}
      />
      {problem !== undefined && (
        <span id={`${id}-problem`} className="problem">
          {problem}
        </span>
      )}
      {hint !== undefined && <span className="hint">{hint}</span>}
    </div>
  );
}

export interface ChoiceFieldProps {
  readonly label: string;
  readonly value: string;
  readonly values: readonly string[];
  readonly onChange: (value: string) => void;
  readonly place?: string;
}

export function ChoiceField({ label, value, values, onChange, place }: ChoiceFieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="select"
        style={{ width: '100%' }}
        value={value}
        data-place={place}
        onChange={(event) => onChange(event.target.value)}
      >
        {!values.includes(value) && <option>{value}</option>}
        {values.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
    </div>
  );
}
