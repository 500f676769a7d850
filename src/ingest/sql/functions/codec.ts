import { utf8ToBytes } from '@noble/hashes/utils.js';
import { base64, utf8 } from '@scure/base';
import { toText } from '../convert.ts';
import { parseJson } from '../json.ts';
import type { Run } from '../run.ts';
import { Binary, type Outcome } from '../value.ts';
import { bounded, type Family, V2 } from './function.ts';

/** base64 encoding and decoding (docs/topic-rules.md: The SQL). `encode(*, …)` receives the bytes of the payload. */
export const CODEC_FUNCTIONS: Family = {
  encode: {
    since: V2,
    arity: [2, 2],
    evaluate: ([value, scheme], run) => {
      if (scheme !== 'base64') return undefined;
      const bytes = value instanceof Binary ? value.bytes : bytesOf(toText(value));
      if (bytes === undefined || !run.budget.spend(bytes.length / 8)) return undefined;
      return bounded(base64.encode(bytes), run);
    },
  },
  decode: {
    since: V2,
    arity: [2, 2],
    evaluate: ([value, scheme], run) => {
      const text = toText(value);
      if (scheme !== 'base64' || text === undefined || !run.budget.spend(text.length / 8)) return undefined;
      return decoded(text, run);
    },
  },
};

function bytesOf(text: string | undefined): Uint8Array | undefined {
  return text === undefined ? undefined : utf8ToBytes(text);
}

/** A text that is JSON, including a bare number, becomes its value; anything that cannot be decoded is Null. */
function decoded(encoded: string, { version }: Run): Outcome {
  let text: string;
  try {
    text = utf8.encode(base64.decode(encoded));
  } catch {
    return null;
  }
  const value = parseJson(text, version);
  return value === undefined ? text : value;
}
