import { utf8Length } from '../../../core/expression/utf8.ts';
import { toInteger } from '../convert.ts';
import { renderJson } from '../json.ts';
import { copyOf, isArray, isObject, member, type Obj, type Outcome } from '../value.ts';
import { type Family, V1, V2 } from './function.ts';

/** Maximum UTF-8 bytes of the result of `transform`. */
const MOST_TRANSFORMED = 128 * 1024;

/** Functions for arrays and objects (docs/topic-rules.md: The SQL). */
export const COLLECTION_FUNCTIONS: Family = {
  get: {
    since: V1,
    arity: [2, 2],
    evaluate: ([value, key], { version }) => {
      if (isObject(value)) return typeof key === 'string' ? member(value, key) : undefined;
      const index = toInteger(key, version);
      if (index === undefined || index < 0) return undefined;
      if (isArray(value)) return value[index];
      return typeof value === 'string' ? characterAt(value, index) : undefined;
    },
  },
  transform: {
    since: V2,
    arity: [3, 3],
    evaluate: ([mode, enrichment, items], { budget }) => {
      if (mode !== 'enrichArray' || !isObject(enrichment) || !isArray(items)) return undefined;
      if (!items.every(isObject)) return undefined;
      const size = utf8Length(renderJson(enrichment));
      if (size * items.length > MOST_TRANSFORMED || !budget.spend(items.length * (1 + size / 16)))
        return undefined;
      const enriched = items.map((item: Obj) => Object.assign(copyOf(item), enrichment));
      return utf8Length(renderJson(enriched)) > MOST_TRANSFORMED ? undefined : enriched;
    },
  },
};

function characterAt(text: string, index: number): Outcome {
  return /[\ud800-\udfff]/.test(text) ? Array.from(text)[index] : text[index];
}
