import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from './index.ts';

const CORPUS = new URL('../../../../shared/corpus/', import.meta.url);
const MODELS = new URL('models/', CORPUS);

/**
 * Fields that hold an expression wherever they appear; of these actions every field does (reference: expressions 1).
 */
const FIELDS = ['condition', 'value', 'durationExpression', 'contentExpression', 'mqttTopic'];
const ACTIONS = /\.(dynamoDB|dynamoDBv2|iotSiteWise)\./;

/** Texts that no service would have accepted, damaged when they were published. */
const DAMAGED = [/&(gt|lt|amp);/, /<Ref:/];

interface Site {
  readonly path: string;
  readonly text: string;
}

function* expressionsIn(part: unknown, path = ''): Generator<Site> {
  if (typeof part === 'object' && part !== null) {
    for (const [name, member] of Object.entries(part)) yield* expressionsIn(member, `${path}.${name}`);
    return;
  }
  const field = path.slice(path.lastIndexOf('.') + 1);
  const isExpression = FIELDS.includes(field) || (ACTIONS.test(path) && field !== 'type');
  if (typeof part === 'string' && part !== '' && isExpression) yield { path, text: part };
}

// The published models are kept outside the repository.
describe.skipIf(!existsSync(MODELS))('published models (../shared/corpus)', () => {
  const files = existsSync(MODELS) ? readdirSync(MODELS) : [];
  const sites = files.flatMap((file) => [
    ...expressionsIn(JSON.parse(readFileSync(new URL(file, MODELS), 'utf8')), file),
  ]);
  const whole = sites.filter(({ text }) => !DAMAGED.some((damage) => damage.test(text)));

  test.each(whole.filter(({ path }) => !path.endsWith('.mqttTopic')))('$path parses', ({ text }) => {
    expect(parse(text)).toMatchObject({ ok: true });
  });

  test.each(whole.filter(({ path }) => path.endsWith('.mqttTopic')))(
    '$path is one or the other',
    ({ text }) => {
      expect(parse(text).ok, text).toBe(/['"$]/.test(text));
    },
  );

  test('are many, and hardly any are damaged', () => {
    expect(whole.length).toBeGreaterThan(200);
    expect(sites.length - whole.length).toBeLessThan(10);
  });
});
