import type { Node, Place, ScalarNode } from '../node.ts';
import type { Origin } from '../report.ts';

/** The place of a node and, for a text, of each of its characters. */
export function originOf(node: Node): Origin {
  if (node.kind !== 'scalar') return { place: node.place, at: () => node.place };
  // Computed once, on demand.
  let find: ((index: number) => Place) | undefined;
  return {
    place: node.place,
    at: (index) => {
      find ??= node.parts === undefined ? inFile(node) : inParts(node, node.parts);
      return find(index);
    },
  };
}

/** The characters of a concatenated text have the places of its parts. */
function inParts({ place }: ScalarNode, parts: readonly ScalarNode[]): (index: number) => Place {
  const starts: number[] = [];
  let length = 0;
  for (const part of parts) {
    starts.push(length);
    length += part.text.length;
  }
  const origins = parts.map(originOf);
  return (index) => {
    const at = lastAtMost(starts, index);
    return origins[at]?.at(index - (starts[at] ?? 0)) ?? place;
  };
}

/** Maps characters of a text to their places in the file; to the whole text where that is not possible. */
function inFile({ text, place }: ScalarNode): (index: number) => Place {
  const { source, start, end } = place;
  const offsetOf = offsets(source.text.slice(start, end), text);
  return (index) => {
    const offset = offsetOf(index);
    return offset === undefined ? place : { source, start: start + offset, end: start + offset + 1 };
  };
}

function offsets(written: string, text: string): (index: number) => number | undefined {
  const whole = written.indexOf(text);
  if (whole >= 0) return (index) => whole + index;
  return written.startsWith('"') ? escaped(written) : indented(written, text);
}

/** Maps the characters of a double-quoted text. JSON, YAML and HCL agree on the length of escapes. */
function escaped(written: string): (index: number) => number | undefined {
  const starts: number[] = [];
  const sequence = /\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|U[0-9a-fA-F]{8}|[\s\S])|[^\\]/y;
  for (let at = 1; at < written.length; ) {
    starts.push(at);
    sequence.lastIndex = at;
    at += sequence.exec(written)?.[0].length ?? 1;
  }
  return (index) => starts[index];
}

/**
 * Maps the characters of a multi-line text, which is indented in the file: searches for each line after the previous
 * one.
 */
function indented(written: string, text: string): (index: number) => number | undefined {
  const starts: number[] = [];
  const shifts: number[] = [];
  let behind = 0;
  let start = 0;
  for (const line of text.split('\n')) {
    const content = line.trim();
    const found = content === '' ? -1 : written.indexOf(content, behind);
    if (content !== '' && found < 0) break;
    if (found >= 0) {
      starts.push(start);
      shifts.push(found - (line.length - line.trimStart().length) - start);
      behind = found + content.length;
    }
    start += line.length + 1;
  }
  return (index) => {
    const shift = index < start ? shifts[lastAtMost(starts, index)] : undefined;
    return shift === undefined ? undefined : index + shift;
  };
}

/** The index of the last number that is not greater than `wanted`, in ascending order; -1 if all are greater. */
function lastAtMost(numbers: readonly number[], wanted: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
