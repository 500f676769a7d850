import {
  Binary,
  compileStatement,
  compileTemplate,
  type Evaluation,
  renderJson,
  SQL_VERSIONS,
} from '../../src/ingest/sql/index.ts';
import { sqlMessage } from '../support/sql-message.ts';
import { mutate, type Target } from './target.ts';

const PIECES =
  "SELECT |FROM |WHERE |SET |@v|AS |VALUE |*|,|.|(|)|[|]|{|}|:|=|<>|<=|+|-|/|%| IN | AND | OR |NOT |CASE | WHEN | THEN | ELSE | END|CAST(|EXISTS (|null|true|'|\"|''|a|b.c|list|1|2.50|1E400|12345678901234567890|topic(|get(|concat(|substring(|trunc(|regexp_matches(|regexp_replace(|parse_time(|time_to_epoch(|decode(|encode(*, 'base64')|transform('enrichArray', |lpad(|chr(|md2(|'yyyy-MM-dd'|'(a|b)*c'|${|\n| |é|\u0000|\\".split(
    '|',
  );
const SEEDS = [
  "SET @v = (t - 32) * 5 / 9 SELECT @v AS celsius, topic(2) AS device FROM 'a/+/b' WHERE t > 50 AND c <> 'red'",
  'SELECT (SELECT n, v FROM list AS l WHERE v > 1) AS x, {"a": [1, b]} FROM \'a/#\'',
  "SELECT VALUE transform('enrichArray', obj, (SELECT * FROM list)) FROM 'a' WHERE EXISTS (SELECT * FROM list)",
  "SELECT *, CASE a WHEN 1 THEN 'x' ELSE trunc(t, 2) END AS c.d, parse_time('yyyy.MM.dd G HH:mm:ss z', timestamp()) AS p FROM 'a'",
  "SELECT regexp_replace(s, '(a|b)+', '$1') AS r, time_to_epoch(s, 'yyyy-MM-dd') AS e, decode(s, 'base64') AS d FROM 'a'",
];
const PAYLOADS = [
  '{"a":1,"t":75.50,"s":"abab","c":"blue","list":[{"n":"x","v":2},{"v":5.0},3,null],"obj":{"a":[1,2],"b":{"c":1E400}}}',
  '[1,2,3]',
  '80',
  '{"__proto__":{"a":1},"constructor":null}',
];
/** Milliseconds. */
const LONGEST = 2000;

export const sql: Target = {
  name: 'sql',
  run(random) {
    const text = random.chance(0.3)
      ? random.times(1, 30, () => random.pick(PIECES)).join('')
      : mutate(random, random.pick(SEEDS), PIECES);
    const payload = mutate(random, random.pick(PAYLOADS), PIECES);
    const began = performance.now();
    const version = random.pick(SQL_VERSIONS);
    const statement = compileStatement(text, version);
    const template = compileTemplate(text, { version, variables: ['v'] });
    for (const each of [statement, template])
      if (!each.ok && !/\(line \d+, column \d+\)$/.test(each.error.message))
        throw new Error(`refused without a place: ${each.error.message}`);
    if (statement.ok) {
      const message = sqlMessage('a/d7/b', Buffer.from(payload));
      const evaluation = statement.value.evaluate(message);
      if (tell(statement.value.evaluate(message)) !== tell(evaluation))
        throw new Error('evaluates to something else the second time');
      if (template.ok && evaluation.outcome === 'message') template.value.render(evaluation.scope);
    }
    if (performance.now() - began > LONGEST) throw new Error(`took longer than two seconds: ${text}`);
  },
};

/** JSON results must be readable by other parsers. */
function tell(evaluation: Evaluation): string {
  if (evaluation.outcome !== 'message') return evaluation.outcome;
  const { value } = evaluation;
  if (value === undefined || value instanceof Binary) return typeof value;
  const text = renderJson(value);
  JSON.parse(text);
  return text;
}
