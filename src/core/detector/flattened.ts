/**
 * Returns the same text as a flat string. V8 represents a concatenation as a tree of parts until a character is
 * accessed; texts that live long take less memory flat, and the garbage collector does not copy every part.
 */
export function flattened(text: string): string {
  return Number.isNaN(text.charCodeAt(0)) ? '' : text;
}
