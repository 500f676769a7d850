import { utf8Length } from '../../core/expression/utf8.ts';
import type { Limits } from '../../limits.ts';
import { Binary, type CompiledTemplate, type Outcome, renderJson, type Scope } from '../sql/index.ts';
import type { RuleAction } from './action.ts';
import type { MqttProperties, Republication } from './publication.ts';

/** Publishes to the broker and the rules. Rejects with the reason why the message cannot be published. */
export type Republish = (message: Republication) => Promise<void>;

export interface RepublishOptions {
  readonly topic: CompiledTemplate;
  readonly qos: 0 | 1;
  readonly headers: ((scope: Scope) => MqttProperties | string) | undefined;
  readonly limits: Limits;
  readonly republish: Republish;
}

const NAME = 'RepublishAction';
/** Maximum UTF-8 bytes of a topic, without the Basic Ingest prefix (docs/devices.md: Limits). */
const TOPIC_BYTES = 256;
const BASIC_INGEST = /^\$aws\/rules\/[^/]*\//;

/** Publishes the result of SELECT under another topic (docs/topic-rules.md: Actions). */
export function republishAction({ topic, qos, headers, limits, republish }: RepublishOptions): RuleAction {
  return {
    kind: 'republish',
    name: NAME,
    async start(value, { message: { publication, topic: arrivedOn }, scope, isErrorAction }, tell) {
      const rendered = topic.render(scope);
      const name = rendered.startsWith('$$') ? rendered.slice(1) : rendered;
      const fail = (message: string) =>
        tell([
          {
            failedAction: NAME,
            failedResource: name,
            errorMessage: `Failed to republish to topic. ${message}. Message arrived on: ${arrivedOn}, Action: republish, topic: ${name}`,
          },
        ]);
      const problem = topicProblem(rendered, name);
      if (problem !== undefined) return fail(problem);
      const hops = (publication.hops ?? 0) + 1;
      // The errorAction of the message that exceeded the limit may still report it.
      if (hops > limits.republishHops + Number(isErrorAction))
        return fail(
          `The message has come through ${limits.republishHops} rules already, which looks like a loop`,
        );
      const properties = headers?.(scope);
      if (typeof properties === 'string') return fail(properties);
      const message: Republication = { topic: name, payload: payloadOf(value), qos, hops };
      try {
        await republish(properties === undefined ? message : { ...message, properties });
      } catch (error) {
        if (error instanceof Error && error.name === 'Fault') throw error;
        return fail(error instanceof Error ? error.message : String(error));
      }
      return tell([]);
    },
  };
}

/** JSON text; bytes unchanged; an empty payload for Undefined. */
function payloadOf(value: Outcome): Buffer {
  if (value instanceof Binary) return Buffer.from(value.bytes);
  return Buffer.from(value === undefined ? '' : renderJson(value));
}

function topicProblem(rendered: string, name: string): string | undefined {
  if (rendered === '') return 'The topic is empty';
  if (/[+#\0]/.test(name)) return 'The topic contains a wildcard or a NUL character';
  if (utf8Length(name.replace(BASIC_INGEST, '')) > TOPIC_BYTES)
    return `The topic has more than ${TOPIC_BYTES} bytes`;
  if (name.startsWith('$') && !rendered.startsWith('$$'))
    return 'A topic that begins with $ is reserved; write $$ in front to mean it';
  return undefined;
}
