import { parseJson, renderJson } from '../../src/core/expression/json.ts';
import { readPayload } from '../../src/runtime/messages.ts';
import type { Random } from '../sim/random.ts';
import { mutate, type Target } from './target.ts';

const SEEDS = [
  '{"motorid":"m-1","sensorData":{"pressure":80,"temperature":39.0}}',
  '{"a":[1,2.50,-0.0,1e10,123456789012345678901234567890],"b":null,"c":"\\u00e9\\ud83d\\ude00","__proto__":{"x":1}}',
  '{"a":{"b":{"c":[[[[]]]]}},"d":true}',
];
const PIECES = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  '\\u0000',
  '\\ud800',
  '1e400',
  '-0',
  '0.0',
  'null',
  'true',
  '1.0e1',
];

/** Messages of any bytes. */
export const payloads: Target = {
  name: 'payloads',
  run(random) {
    const bytes = Buffer.from(mutate(random, random.pick(SEEDS), PIECES));
    if (random.chance(0.3)) flip(random, bytes);
    const payload = readPayload(bytes);
    if (typeof payload === 'string') {
      if (payload === '') throw new Error('refused without a word');
      return;
    }
    const text = renderJson(payload.value);
    const again = parseJson(text);
    if (!again.ok) throw new Error(`what it reads renders to what it cannot read: ${text}`);
    if (renderJson(again.value) !== text)
      throw new Error(`renders to something else the second time: ${text}`);
    // Must equal JavaScript's own parsing, except for numbers, which keep their original text.
    if (JSON.stringify(JSON.parse(text)) !== JSON.stringify(JSON.parse(payload.text)))
      throw new Error(`reads ${payload.text} as ${text}`);
  },
};

function flip(random: Random, bytes: Buffer): void {
  const at = random.int(0, bytes.length - 1);
  if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.int(0, 7));
}
