import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from '../src/core/expression/index.ts';

const RUNS = Number(process.env.TRIPLINE_FUZZ_RUNS ?? 5000);

test('no text makes the parser throw, and every error points into its text', () => {
  const soup = fc
    .array(
      fc.constantFrom(
        '$input',
        '.a',
        '`',
        "'",
        '"',
        '${',
        '}',
        '(',
        ')',
        '[',
        ']',
        '1',
        '.',
        '&&',
        '!',
        '-',
        ' ',
        '\n',
        'timeout',
        '\\',
        'true',
        ',',
        '\u{1f600}',
      ),
      { maxLength: 40 },
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), soup), (text) => {
      const parsed = parse(text);
      if (parsed.ok) return;
      const { start, end, excerpt, message } = parsed.error;
      expect(start).toBeGreaterThanOrEqual(0);
      expect(end).toBeGreaterThanOrEqual(start);
      expect(end).toBeLessThanOrEqual(text.length);
      expect(excerpt).toMatch(/\^/);
      expect(message).not.toBe('');
    }),
    { numRuns: RUNS },
  );
});
