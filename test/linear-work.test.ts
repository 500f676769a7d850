import { describe, expect, test } from 'vitest';
import { readAuthorization } from '../src/api/auth/authorization.ts';
import { canonicalRequest } from '../src/api/auth/canonical-request.ts';
import { readCredentials } from '../src/api/auth/credentials-file.ts';
import { parseQuery, parseTarget } from '../src/api/target.ts';
import { compile, inferTypes, NO_BINDINGS, parse, references } from '../src/core/expression/index.ts';
import { parseJson, renderJson } from '../src/core/expression/json.ts';
import { utf8Length } from '../src/core/expression/utf8.ts';
import { looksLikeExpression } from '../src/core/model/action-fields.ts';
import { analyse } from '../src/core/model/analysis/index.ts';
import { compileModel } from '../src/core/model/compile.ts';
import type { DetectorModelDefinition } from '../src/core/model/definition.ts';
import { parseJsonPath } from '../src/core/model/json-path.ts';
import { compileStatement, compileTemplate, matchesFilter } from '../src/ingest/sql/index.ts';
import { DEFAULT_LIMITS } from '../src/limits.ts';
import { importTexts } from '../src/migrate/import.ts';
import { evaluateText } from './support/evaluate-text.ts';
import { sqlMessage } from './support/sql-message.ts';

/**
 * Every parser and text function takes time in proportion to its input, whatever the input: one request must not block
 * a thousand others. Inputs are built from the characters that the code itself looks for; only a large one that takes
 * noticeable time is measured again at half and a quarter of its size.
 */
const LARGE = 32 * 1024;
const SMALL = 512;
/** Milliseconds of processor time that only superlinear work needs for an input of that size. */
const NOTICEABLE = 60;
/**
 * Four times the size may take at most this many times as long: linear work takes 4 times, or about 7 with a garbage
 * collection of the young generation; quadratic work takes 16.
 */
const MOST_GROWTH = 10;

/** Without the limits that would hide a parser's behaviour with long texts. */
const UNLIMITED = {
  ...DEFAULT_LIMITS,
  expressionLength: Number.POSITIVE_INFINITY,
  sqlLength: Number.POSITIVE_INFINITY,
  sqlVariableBytes: Number.POSITIVE_INFINITY,
};

const ATOMS = [
  ...' \t\n\r"\'`\\#$%&()*+,-./0189:;<=>?@AaeEu[]^_{|}~é',
  ...[
    '\\u0023',
    '\\"',
    '\\\\',
    '${',
    '${1}',
    '$input.a.',
    '$input.',
    'a.',
    '.a',
    '`a`.',
    '[0]',
    '1.0,',
    '0.',
    '-0',
    '1e9',
  ],
  ...[
    '00',
    '0.0',
    '1.',
    'a-',
    '-a',
    '&gt;',
    '&&',
    '||',
    '==',
    '!',
    '!(',
    '(1',
    '+1',
    '- ',
    "''",
    '""',
    '" "',
    "a'",
    '1;',
  ],
  ...[
    '/*',
    '--',
    '=a\n',
    '[a',
    '] #',
    ' #',
    ' =',
    '*a',
    '?*',
    '/..',
    '//',
    '%2e',
    '%',
    '#/',
    '+/',
    '\ud800',
    '😀',
    'AND ',
    'x,',
  ],
];

interface Target {
  readonly name: string;
  /** The text around the repeated characters, so that they reach the intended code. */
  readonly frames: readonly (readonly [before: string, after: string])[];
  run(text: string): unknown;
}

const PLAIN = ['', ''] as const;
/** Inputs whose end differs from the rest, so that a search for an end fails at each position. */
const ENDED = ['', '1x'] as const;
const QUOTED = ["'", "'"] as const;
const IN_JSON = ['{"a":"', '","b":1.0}'] as const;
const IN_LIST = ['[1.0,', '1]'] as const;

const statement = (...calls: readonly string[]) => {
  const members = calls.map((call, index) => `${call} AS x${index}`).join(', ');
  const compiled = compileStatement(`SELECT ${members} FROM 'a'`, '2016-03-23', UNLIMITED);
  if (!compiled.ok) throw new Error(compiled.error.message);
  return (payload: string) => compiled.value.evaluate(sqlMessage('a', Buffer.from(payload)));
};
const sqlOf = (text: string) =>
  JSON.stringify({ a: text, b: `${text.slice(0, text.length / 4)}!${text.slice(0, text.length / 4)}` });
const SQL_CALLS = [
  ...[
    'trim(a)',
    'ltrim(a)',
    'rtrim(a)',
    'upper(a)',
    'length(a)',
    'numbytes(a)',
    'indexof(a, b)',
    "replace(a, b, 'x')",
  ],
  ...[
    "replace(a, 'a', 'bb')",
    'startswith(a, b)',
    'endswith(a, b)',
    'a = b',
    'a < b',
    'cast(a AS DECIMAL)',
    'trunc(cast(a AS DECIMAL), 2)',
  ],
  ...[
    "regexp_matches(a, '(a|b)*c')",
    "regexp_replace(a, 'a+', 'b')",
    'md5(a)',
    "encode(a, 'base64')",
    "decode(a, 'base64')",
    'substring(a, 5, 9)',
  ],
];

const callAll = statement(...SQL_CALLS);

const TARGETS: readonly Target[] = [
  {
    name: 'an expression',
    frames: [PLAIN, QUOTED, ['1 == ', ''], ['$input.a', ''], ['timeout(', ')']],
    run: understand,
  },
  {
    name: 'a JSON text',
    frames: [PLAIN, IN_JSON, IN_LIST, ['{"', '":1.0}'], ['"', '"']],
    run: readAndRender,
  },
  {
    name: 'convert',
    frames: [PLAIN],
    run: (text) => ['Decimal', 'Boolean'].map((type) => evaluateText(`convert(${type}, $variable.a)`, text)),
  },
  {
    name: 'a search for a long part',
    frames: [PLAIN],
    run: (text) => {
      const half = text.slice(0, text.length / 4);
      return ['contains', 'startsWith', 'endsWith'].map((name) =>
        evaluateText(`${name}($variable.a, $variable.b)`, text, `${half}!${half}`),
      );
    },
  },
  {
    name: 'a substitution',
    frames: [PLAIN],
    run: (text) => evaluateText("'<${$variable.a + $variable.a}>'", text),
  },
  { name: 'the length in UTF-8', frames: [PLAIN], run: utf8Length },
  { name: 'a JSON path', frames: [PLAIN], run: parseJsonPath },
  { name: 'a topic that may be an expression', frames: [PLAIN], run: looksLikeExpression },
  {
    name: 'a topic filter',
    frames: [PLAIN],
    run: (text) => [matchesFilter(text, text), matchesFilter('a/#', text)],
  },
  {
    name: 'a statement',
    frames: [PLAIN, ['SELECT ', " FROM 'a'"], ["SELECT '", "' FROM 'a'"]],
    run: (text) => compileStatement(text, '2016-03-23', UNLIMITED),
  },
  {
    name: 'a substitution template',
    frames: [PLAIN, ['${', '}']],
    run: (text) => compileTemplate(text, { version: '2016-03-23', variables: [], limits: UNLIMITED }),
  },
  { name: 'the functions of SQL', frames: [PLAIN], run: (text) => callAll(sqlOf(text)) },
  { name: 'a payload of a rule', frames: [IN_JSON, IN_LIST], run: statement('a', 'b') },
  {
    name: 'a request target',
    frames: [PLAIN, ['http://', '']],
    run: (text) => [parseTarget(text), attempt(() => parseQuery(text))],
  },
  {
    name: 'an Authorization header',
    frames: [
      ['AWS4-HMAC-SHA256 ', ''],
      ['AWS4-HMAC-SHA256 Credential=', ', SignedHeaders=a, Signature=b'],
    ],
    run: (text) => attempt(() => readAuthorization(text)),
  },
  { name: 'a canonical request', frames: [PLAIN], run: (text) => attempt(() => canonical(text)) },
  {
    name: 'a credentials file',
    frames: [PLAIN, ['[', ''], ['[', 'x'], ['[', ']x'], ['[a]\naws_access_key_id=', '']],
    run: (text) => attempt(() => readCredentials(text)),
  },
  {
    name: 'JSON to import',
    frames: [PLAIN, IN_JSON],
    run: (text) => [importFile('a.json', text), importFile('a.json', `[${JSON.stringify(text)}]`)],
  },
  {
    name: 'YAML to import',
    frames: [PLAIN, ['a: ', ''], ['a: |\n  ', ''], ['a: "', '"']],
    run: (text) => importFile('a.yaml', text),
  },
  {
    name: 'Terraform to import',
    frames: [PLAIN, ['a = ', ''], ['a = "', '"'], ['a = [', ''], ['a = <<E\n', '\nE\n']],
    run: (text) => importFile('a.tf', text),
  },
  {
    name: 'texts of a template to import',
    frames: [PLAIN, ['${', '}']],
    run: (text) => importFile('a.json', templateOf(text)),
  },
];

describe('work grows with its input and no faster', () => {
  test.each(TARGETS)(
    '$name',
    ({ frames, run }) => {
      run(ATOMS.join(''));
      const slow: string[] = [];
      for (const [before, after] of [...frames, ENDED]) {
        for (const atom of ATOMS) {
          const shaped = (size: number) => `${before}${atom.repeat(Math.ceil(size / atom.length))}${after}`;
          const time = (size: number) => {
            const text = shaped(size);
            return timeOf(() => run(text));
          };
          const size = firstNoticeable(time);
          const growth = size === undefined ? 0 : growthOf(time, size);
          if (growth > MOST_GROWTH)
            slow.push(`${JSON.stringify(`${before}${atom}…${after}`)} grows ${growth.toFixed(1)} times`);
        }
      }
      expect(slow).toEqual([]);
    },
    180_000,
  );
});

/** Repeated parts of a definition, each in its own expression. */
const DEFINITIONS: readonly (readonly [name: string, event: (n: number) => object])[] = [
  ['attributes', (n) => ({ condition: `$input.I.a${n} > ${n}` })],
  ['inputs', (n) => ({ condition: `$input.I${n}.a > ${n}` })],
  [
    'variables',
    (n) => ({ actions: [{ setVariable: { variableName: `v${n}`, value: `$variable.v${n + 1} + 1` } }] }),
  ],
  [
    'timers',
    (n) => ({ condition: `timeout("t${n}")`, actions: [{ setTimer: { timerName: `t${n}`, seconds: 60 } }] }),
  ],
  ['conditions that are equal', () => ({ condition: '$input.I.a > 1 && $variable.v > 2' })],
];

describe('work on a definition grows with what it has, and no faster', () => {
  type Work = (definition: DetectorModelDefinition) => void;
  // As many events as take noticeable time.
  const works: readonly (readonly [what: string, events: number, work: Work])[] = [
    ['analysed', 8192, (definition) => void analyse(definition, { limits: UNLIMITED, hasInput: () => true })],
    [
      'compiled',
      32_768,
      (detectorModelDefinition) => {
        const source = { detectorModelName: 'M', detectorModelVersion: '1', detectorModelDefinition };
        expect(compileModel(source, UNLIMITED).ok).toBe(true);
      },
    ],
  ];
  describe.each(works)('when it is %s', (_what, most, work) => {
    test.each(DEFINITIONS)('with many %s', (_name, event) => {
      const time = (events: number) => {
        const definition = definitionOf(events, event);
        return timeOf(() => work(definition));
      };
      time(500);
      expect(growthOf(time, most)).toBeLessThan(MOST_GROWTH);
    });
  });
});

function definitionOf(count: number, event: (n: number) => object): DetectorModelDefinition {
  const events = Array.from({ length: count }, (_, n) => ({ eventName: `e${n}`, ...event(n) }));
  const states = [{ stateName: 'S', onInput: { events } }];
  return { initialStateName: 'S', states } as DetectorModelDefinition;
}

/** From small to large, so that fast growth is found early. */
function firstNoticeable(time: (size: number) => number): number | undefined {
  for (let size = SMALL; size <= LARGE; size *= 8) if (time(size) > NOTICEABLE) return size;
  return undefined;
}

/**
 * The growth of time for four times the size. The best of several rounds, since garbage collections only ever add time.
 */
function growthOf(time: (size: number) => number, size: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5 && least > MOST_GROWTH; round++) {
    const [small, half, whole] = [time(size / 4), time(size / 2), time(size)] as const;
    // Superlinear work grows in both steps.
    least = Math.min(least, whole / small, (whole / half) ** 2, (half / small) ** 2);
  }
  return least;
}

/** Milliseconds of processor time, which excludes other load on the machine. */
function timeOf(work: () => unknown): number {
  const began = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
}

function understand(text: string): unknown {
  const parsed = parse(text, UNLIMITED);
  if (!parsed.ok) return parsed.error.excerpt;
  return [references(parsed.node), inferTypes(parsed.node), compile(parsed.node, NO_BINDINGS)];
}

function readAndRender(text: string): unknown {
  const parsed = parseJson(text);
  return parsed.ok ? renderJson(parsed.value) : parsed.message;
}

function canonical(text: string): string {
  const headers = { a: [text], b: [text, text] };
  const query = new URLSearchParams({ a: text });
  return canonicalRequest({
    method: 'GET',
    path: `/${text}`,
    query,
    headers,
    signedHeaders: ['a', 'b'],
    bodyHash: '',
  });
}

function importFile(path: string, text: string): unknown {
  return importTexts({ files: [{ path, text, isNamed: true }] });
}

function templateOf(text: string): string {
  const Properties = {
    InputName: { 'Fn::Sub': text },
    InputDescription: { 'Fn::Join': ['-', { 'Fn::Split': ['a', text] }] },
    InputDefinition: { Attributes: [{ JsonPath: `{{resolve:${text}}}` }] },
  };
  return JSON.stringify({ Resources: { Input: { Type: 'AWS::IoTEvents::Input', Properties } } });
}

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
