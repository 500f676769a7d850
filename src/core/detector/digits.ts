const THOUSAND = 1000;
/** 000 to 999. */
const THREE_DIGITS = Array.from({ length: THOUSAND }, (_, number) => String(number).padStart(3, '0'));

/**
 * `String(number)`, for numbers that are converted once only, as times are. V8 remembers the texts of those that it
 * converts for a while, so that they become old and are left to full garbage collections.
 */
export function digits(number: number): string {
  if (number < THOUSAND || !Number.isSafeInteger(number)) return String(number);
  let text = '';
  let left = number;
  while (left >= THOUSAND) {
    const rest = Math.floor(left / THOUSAND);
    text = (THREE_DIGITS[left - rest * THOUSAND] as string) + text;
    left = rest;
  }
  return left + text;
}
