import { ABSENCE_FUNCTIONS } from './absence.ts';
import { CODEC_FUNCTIONS } from './codec.ts';
import { COLLECTION_FUNCTIONS } from './collections.ts';
import { CONTEXT_FUNCTIONS } from './context.ts';
import type { Family } from './function.ts';
import { HASH_FUNCTIONS } from './hash.ts';
import { NUMBER_FUNCTIONS } from './numbers.ts';
import { REGEX_FUNCTIONS } from './regex.ts';
import { TEXT_FUNCTIONS } from './text.ts';
import { TIME_FUNCTIONS } from './time.ts';

/** Every function by its lower-case name; `cast` has its own syntax. */
export const FUNCTIONS: Family = {
  ...NUMBER_FUNCTIONS,
  ...ABSENCE_FUNCTIONS,
  ...TEXT_FUNCTIONS,
  ...REGEX_FUNCTIONS,
  ...HASH_FUNCTIONS,
  ...COLLECTION_FUNCTIONS,
  ...CODEC_FUNCTIONS,
  ...TIME_FUNCTIONS,
  ...CONTEXT_FUNCTIONS,
};
