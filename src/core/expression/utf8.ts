/** Whether a text has more bytes in UTF-8 than that. Most texts need no look at their characters. */
export function isLongerThan(text: string, bytes: number): boolean {
  return 3 * text.length > bytes && utf8Length(text) > bytes;
}

/** Bytes of the text in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    // A surrogate pair is two units here and four bytes there: two for each half.
    if (unit >= 0x80) bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}
