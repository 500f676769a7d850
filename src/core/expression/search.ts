/** Up to this many comparisons, V8's own search is faster for any input. */
const FEW = 2 ** 20;
/** Up to this length of `part`, V8's own search is never slow. */
const SHORT = 16;

/**
 * Like `String.indexOf`, but linear in both lengths. V8's own search is quadratic in the worst case: minutes for a text
 * of a million characters.
 */
export function indexOf(text: string, part: string, from = 0): number {
  const { length } = part;
  if (length <= SHORT || length * (text.length - from) <= FEW) return text.indexOf(part, from);
  // Knuth, Morris and Pratt: after a mismatch, the longest border of the matched prefix still matches.
  const borders = bordersOf(part);
  let matched = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    while (matched > 0 && part.charCodeAt(matched) !== code) matched = borders[matched - 1] ?? 0;
    if (part.charCodeAt(matched) === code) matched++;
    if (matched === length) return at - length + 1;
  }
  return -1;
}

/** For each prefix, the length of its longest border: a shorter text that it both begins and ends with. */
function bordersOf(text: string): Int32Array {
  const borders = new Int32Array(text.length);
  let border = 0;
  for (let at = 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    while (border > 0 && text.charCodeAt(border) !== code) border = borders[border - 1] ?? 0;
    if (text.charCodeAt(border) === code) border++;
    borders[at] = border;
  }
  return borders;
}
