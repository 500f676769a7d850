import { labelOf, stateColour } from './badge.tsx';

export interface SharesProps {
  /** Numbers by name, in the order of the definition. */
  readonly counts: readonly (readonly [name: string, count: number])[];
  readonly legend?: boolean;
  /** Whether the names are states of alarms, which have words of their own. */
  readonly isAlarm?: boolean;
}

/** How many there are of each, as a bar in parts; the numbers are in its name and in the legend. */
export function Shares({ counts, legend = false, isAlarm = false }: SharesProps) {
  const shown = counts
    .map(([name, count], place) => ({ name: isAlarm ? labelOf(name) : name, count, place }))
    .filter(({ count }) => count > 0);
  if (shown.length === 0) return <span className="soft">None yet</span>;
  const label = shown.map(({ name, count }) => `${name} ${count.toLocaleString('en')}`).join(', ');
  return (
    <div className="stack tight">
      <div className="shares" role="img" aria-label={label} title={label}>
        {shown.map(({ name, count, place }) => (
          <span key={name} style={{ flex: `${count} 1 0`, background: stateColour(place) }} />
        ))}
      </div>
      {legend && (
        <ul className="legend">
          {shown.map(({ name, count, place }) => (
            <li key={name}>
              <span className="dot" style={{ background: stateColour(place) }} />
              <span className="truncate">{name}</span>
              <strong className="number">{count.toLocaleString('en')}</strong>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
