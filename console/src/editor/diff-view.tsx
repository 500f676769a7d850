import { structuredPatch } from 'diff';

export interface DiffViewProps {
  readonly before: string;
  readonly after: string;
}

/** The lines that differ between two texts, with a few around them. */
export function DiffView({ before, after }: DiffViewProps) {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: 3 });
  if (hunks.length === 0) return <p className="soft">The definition is the same as the published one.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
    <div className="diff" role="region" aria-label="Changes of the definition" tabIndex={0}>
      {hunks.map(({ oldStart, lines }) => (
        <div key={oldStart}>
          {lines.map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
            <Line key={index} line={line} />
          ))}
        </div>
      ))}
    </div>
  );
}

function Line({ line }: { readonly line: string }) {
  if (line.startsWith('+')) return <ins>{line}</ins>;
  if (line.startsWith('-')) return <del>{line}</del>;
  return <div>{line}</div>;
}
