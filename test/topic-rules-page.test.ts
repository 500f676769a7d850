import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ABSENCE_FUNCTIONS } from '../src/ingest/sql/functions/absence.ts';
import { CODEC_FUNCTIONS } from '../src/ingest/sql/functions/codec.ts';
import { COLLECTION_FUNCTIONS } from '../src/ingest/sql/functions/collections.ts';
import { CONTEXT_FUNCTIONS } from '../src/ingest/sql/functions/context.ts';
import { HASH_FUNCTIONS } from '../src/ingest/sql/functions/hash.ts';
import { FUNCTIONS } from '../src/ingest/sql/functions/index.ts';
import { NUMBER_FUNCTIONS } from '../src/ingest/sql/functions/numbers.ts';
import { REFUSED_FUNCTIONS } from '../src/ingest/sql/functions/refused.ts';
import { REGEX_FUNCTIONS } from '../src/ingest/sql/functions/regex.ts';
import { TEXT_FUNCTIONS } from '../src/ingest/sql/functions/text.ts';
import { TIME_FUNCTIONS } from '../src/ingest/sql/functions/time.ts';

/** docs/topic-rules.md lists exactly the existing functions. */
const page = readFileSync(new URL('../docs/topic-rules.md', import.meta.url), 'utf8');
const between = (name: string) => page.split(`<!-- ${name} -->`)[1]?.split(`<!-- /${name} -->`)[0]?.trim();

const FAMILIES = {
  numbers: NUMBER_FUNCTIONS,
  'types and absence': { ...ABSENCE_FUNCTIONS, cast: undefined },
  text: { ...TEXT_FUNCTIONS, ...REGEX_FUNCTIONS },
  hashes: HASH_FUNCTIONS,
  'arrays, objects, base64': { ...COLLECTION_FUNCTIONS, ...CODEC_FUNCTIONS },
  time: TIME_FUNCTIONS,
  'the message': CONTEXT_FUNCTIONS,
};

test('every function is listed with its family', () => {
  const rows = Object.entries(FAMILIES).map(
    ([family, functions]) =>
      `| ${family} | ${Object.keys(functions)
        .sort()
        .map((name) => `\`${name}\``)
        .join(' ')} |`,
  );
  expect(between('functions')).toBe(['| supported | |', '| --- | --- |', ...rows].join('\n'));
  const listed = Object.values(FAMILIES).flatMap((functions) => Object.keys(functions));
  expect(listed.sort()).toEqual([...Object.keys(FUNCTIONS), 'cast'].sort());
});

test('every refused function is listed with what it needs', () => {
  const rows = Object.entries(REFUSED_FUNCTIONS).map(([name, needs]) => `| \`${name}\` | ${needs} |`);
  expect(between('refused')).toBe(['| refused | because it needs |', '| --- | --- |', ...rows].join('\n'));
});

test('the counts are those of the source', () => {
  expect(page).toContain(`All ${Object.keys(FUNCTIONS).length + 1} functions`);
  expect(page).toContain(`${Object.keys(REFUSED_FUNCTIONS).length} others`);
});
