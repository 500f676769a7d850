/** Up to this many comparisons the engine's own search is faster than ours, whatever the texts. */
const FEW = 2 ** 20;
/** Characters of a part for which the engine's own search is never slow. */
const SHORT = 16;

/**
 * Where a text has a part, as `String.indexOf` says it, in time linear in both lengths. The engine's own search
 * compares part and text in full at each place in the worst case: minutes for a text of a million characters.
 */
export function indexOf(text: string, part: string, from = 0): number {
  const { length } = part;
  if (length <= SHORT || length * (text.length - from) <= FEW) return text.indexOf(part, from);
  // Knuth, Morris and Pratt: after a mismatch the longest border of what matched still matches.
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

/** For each prefix of a text, how long the longest text is that it both begins and ends with, itself left out. */
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
