/** True when the text is longer than `bytes` in UTF-8. Usually decided by `text.length` alone. */
export function isLongerThan(text: string, bytes: number): boolean {
  return 3 * text.length > bytes && utf8Length(text) > bytes;
}

/** The length of the text in UTF-8, in bytes. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    // A surrogate pair is two code units and four bytes: two bytes for each.
    if (unit >= 0x80) bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}
