import { base64 } from '@scure/base';
import { toInteger, toText } from '../convert.ts';
import type { MessageProperties } from '../message.ts';
import type { Run } from '../run.ts';
import { newObject, type Outcome } from '../value.ts';
import { type Family, type SqlFunction, V1, V2 } from './function.ts';

/** Functions that describe the message and the rule (docs/topic-rules.md: The SQL). */
export const CONTEXT_FUNCTIONS: Family = {
  accountid: told(({ message }) => message.accountId),
  clientid: told(({ message }) => message.clientId ?? 'n/a'),
  get_mqtt_property: {
    since: V2,
    arity: [1, 1],
    evaluate: ([name], { message }) => propertyOf(message.properties ?? {}, name),
  },
  get_user_properties: {
    since: V2,
    arity: [0, 1],
    evaluate: (args, { message }) => {
      if (message.properties === undefined) return undefined;
      const properties = message.properties.userProperties ?? [];
      if (args.length === 0)
        return properties.map(({ key, value }) => Object.assign(newObject(), { [key]: value }));
      const wanted = toText(args[0]);
      const values = properties.filter(({ key }) => key === wanted).map(({ value }) => value);
      return values.length === 0 ? undefined : values;
    },
  },
  newuuid: told(({ message }) => message.newUuid()),
  principal: told(({ message }) => message.principal),
  sourceip: { ...told(({ message }) => message.sourceIp), since: V2 },
  sql_version: told(({ version }) => version),
  timestamp: told(({ message }) => message.now),
  topic: {
    since: V1,
    arity: [0, 1],
    evaluate: (args, { message, version }) => {
      if (args.length === 0) return message.topic;
      const level = toInteger(args[0], version);
      return level === undefined || level < 1 ? undefined : levelOf(message.topic, level);
    },
  },
  traceid: told(({ message }) => message.traceId),
};

/** A level of a topic, counted from 1; undefined past the last. */
function levelOf(topic: string, level: number): string | undefined {
  let from = 0;
  for (let count = 1; count < level; count++) {
    from = topic.indexOf('/', from) + 1;
    if (from === 0) return undefined;
  }
  const end = topic.indexOf('/', from);
  return topic.slice(from, end < 0 ? undefined : end);
}

function told(tell: (run: Run) => Outcome): SqlFunction {
  return { since: V1, arity: [0, 0], evaluate: (_args, run) => tell(run) };
}

function propertyOf(properties: MessageProperties, name: Outcome): Outcome {
  switch (name) {
    case 'content_type':
      return properties.contentType;
    case 'response_topic':
      return properties.responseTopic;
    case 'correlation_data':
      return properties.correlationData && base64.encode(properties.correlationData);
    case 'format_indicator':
      return properties.payloadFormatIndicator === true ? 'UTF8_DATA' : 'UNSPECIFIED_BYTES';
    default:
      return undefined;
  }
}
