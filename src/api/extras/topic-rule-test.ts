import { randomUUID } from 'node:crypto';
import { DEFAULT_SQL_VERSION } from '../../ingest/rules/definition.ts';
import { type TrialResult, tryStatement } from '../../ingest/rules/try-statement.ts';
import { Binary, renderJson, SQL_VERSIONS, type SqlVersion } from '../../ingest/sql/index.ts';
import type { Limits } from '../../limits.ts';
import { invalid, ServiceError } from '../../wire/errors.ts';
import { isObject } from '../../wire/shape-reader.ts';
import { parseBody } from '../body.ts';
import type { FindRoute } from '../front.ts';

/**
 * `POST /_tripline/topic-rules/test` runs a statement on a topic and a payload, without sending anything:
 *
 *    {"sql", "awsIotSqlVersion"?, "topic", "payload": <base64>, "clientId"?, "ruleName"?}
 *
 * answers `{"result":"message","message":<JSON>}`, with `"base64"` instead of `"message"` if it is not JSON, or
 * `{"result":"none","reason":"topic"|"where"}`. An invalid statement gets CreateTopicRule's error.
 */
export function topicRuleTestRoute(limits: Limits, accountId: string): FindRoute {
  return (method, path) => {
    if (method !== 'POST' || path !== '/_tripline/topic-rules/test') return undefined;
    return {
      access: 'tripline:TestTopicRule',
      answer: async (_request, response, _query, body) => {
        const context = { accountId, now: Date.now(), newUuid: randomUUID, random: Math.random };
        const text = answerOf(tryStatement({ ...read(parseBody(await body())), limits, context }));
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(text);
      },
    };
  };
}

function read(body: unknown) {
  if (!isObject(body)) throw invalid('The request body is not a JSON object');
  const { sql, awsIotSqlVersion = DEFAULT_SQL_VERSION, topic, payload, clientId, ruleName } = body;
  const version = SQL_VERSIONS.find((each) => each === awsIotSqlVersion);
  if (version === undefined)
    throw invalid(`Value at 'awsIotSqlVersion' must be one of ${SQL_VERSIONS.join(', ')}`);
  const bytes = Buffer.from(text(payload, 'payload'), 'base64');
  if (bytes.toString('base64') !== payload) throw invalid("Value at 'payload' must be base64-encoded");
  return {
    sql: text(sql, 'sql'),
    version: version satisfies SqlVersion,
    topic: text(topic, 'topic'),
    payload: bytes,
    clientId: clientId === undefined ? undefined : text(clientId, 'clientId'),
    ruleName: ruleName === undefined ? undefined : text(ruleName, 'ruleName'),
  };
}

function text(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw invalid(`Value at '${name}' must be a string`);
}

/** JSON text, so that the message's numbers keep their digits. */
function answerOf(result: TrialResult): string {
  if (result.outcome === 'refused') throw new ServiceError(result.problem.code, result.problem.message);
  if (result.outcome === 'unmatched') return JSON.stringify({ result: 'none', reason: 'topic' });
  const { evaluation } = result;
  if (evaluation.outcome === 'filtered') return JSON.stringify({ result: 'none', reason: 'where' });
  if (evaluation.outcome === 'failed') throw invalid(evaluation.message);
  const { value } = evaluation;
  if (value !== undefined && !(value instanceof Binary))
    return `{"result":"message","message":${renderJson(value)}}`;
  const bytes = Buffer.from(value?.bytes ?? []);
  return JSON.stringify({ result: 'message', base64: bytes.toString('base64') });
}
