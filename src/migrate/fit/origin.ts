import type { Node, Place, ScalarNode } from '../node.ts';
import type { Origin } from '../report.ts';

/** Where a node stands, and for a text, where each of its characters does. */
export function originOf(node: Node): Origin {
  return {
    place: node.place,
    at: (index) => (node.kind === 'scalar' ? characterAt(node, index) : node.place),
  };
}

/** The character at `index` of a text; the whole text where it cannot be told. */
function characterAt(node: ScalarNode, index: number): Place {
  if (node.parts !== undefined) {
    let before = 0;
    for (const part of node.parts) {
      if (index < before + part.text.length) return characterAt(part, index - before);
      before += part.text.length;
    }
    const last = node.parts.at(-1);
    return last === undefined ? node.place : characterAt(last, last.text.length);
  }
  const { source, start, end } = node.place;
  const written = source.text.slice(start, end);
  const offset = offsetWithin(written, node.text, index);
  return offset === undefined ? node.place : { source, start: start + offset, end: start + offset + 1 };
}

function offsetWithin(written: string, text: string, index: number): number | undefined {
  const whole = written.indexOf(text);
  if (whole >= 0) return whole + index;
  if (written.startsWith('"')) return escaped(written, index);
  // A text over several lines is indented in the file: the line is told by what is on it.
  const lineStart = text.lastIndexOf('\n', index - 1) + 1;
  const lineEnd = text.indexOf('\n', index);
  const line = text.slice(lineStart, lineEnd < 0 ? text.length : lineEnd).trim();
  const found = line === '' ? -1 : nthLine(written, text.slice(0, lineStart), line);
  const indent = text.slice(lineStart).search(/\S/);
  return found < 0 ? undefined : found + index - lineStart - Math.max(indent, 0);
}

/** The same line may occur more than once: as many times as before it in the text. */
function nthLine(written: string, before: string, line: string): number {
  const times = before.split('\n').filter((each) => each.trim() === line).length;
  let at = written.indexOf(line);
  for (let time = 0; time < times && at >= 0; time++) at = written.indexOf(line, at + line.length);
  return at;
}

/** Steps over the escapes of a text in double quotes: JSON, YAML and HCL agree on their length. */
function escaped(written: string, index: number): number | undefined {
  let at = 1;
  for (let count = 0; count < index && at < written.length; count++) {
    const sequence = /^\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|U[0-9a-fA-F]{8}|[\s\S])/.exec(
      written.slice(at, at + 10),
    );
    at += sequence?.[0].length ?? 1;
  }
  return at < written.length ? at : undefined;
}
