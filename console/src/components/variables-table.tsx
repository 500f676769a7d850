import { TableFrame } from './table-frame.tsx';

interface VariablesTableProps {
  /** Values as text. */
  readonly variables: readonly { readonly name: string; readonly value: string }[];
  /** What tells a value that has just changed from the one before; undefined for one that has not. */
  readonly changedAt?: (name: string) => number | undefined;
}

/** The variables of a detector, or that there are none. */
export function VariablesTable({ variables, changedAt = () => undefined }: VariablesTableProps) {
  if (variables.length === 0) return <p className="body soft">No variable is set.</p>;
  return (
    <TableFrame label="Variables">
      <table className="table">
        <thead className="hidden">
          <tr>
            <th scope="col">Variable</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {variables.map(({ name, value }) => {
            const changed = changedAt(name);
            return (
              // Another key for another change: the flash begins anew.
              <tr key={`${name} ${changed ?? ''}`} className={changed === undefined ? '' : 'flash'}>
                <td>{name}</td>
                <td className="mono wrap">{value}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </TableFrame>
  );
}
