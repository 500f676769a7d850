import type { AlarmEffect } from '../../core/alarm/types.ts';
import { parseJson } from '../../core/expression/json.ts';
import { type Json, renderText } from '../../core/expression/value.ts';
import type { SimulatedEvaluation } from '../evaluation.ts';
import { isObject, type JsonObject } from '../payload.ts';
import { requestsOf } from '../records.ts';
import { type Mismatch, match } from './match.ts';

/** An external action as scenarios see it. */
export interface SeenAction {
  readonly type: string;
  readonly model: string;
  readonly key: string | undefined;
  readonly event: string;
  /** The state that the action's payload names. */
  readonly state: string;
  /** ARN, URL, stream, input, topic or table; undefined where the action names none. */
  readonly target: string | undefined;
  readonly payload: string;
  readonly request: JsonObject | undefined;
}

/** The external actions of an evaluation that has a trace. */
export function actionsOf({ model, keyValue, trace }: SimulatedEvaluation): SeenAction[] {
  return (trace?.actions ?? []).flatMap(({ type, eventName, state, effect }) => {
    if (effect === undefined) return [];
    const common = { type, model: model.compiled.name, key: keyValue, event: eventName, state };
    const payload =
      effect.type === 'notification' ? (effect.payload?.text ?? effect.event) : effect.payload.text;
    return requestsOf(effect).map(({ request }) => {
      // Requests are JSON as it is listed.
      return { ...common, target: targetOf(effect), payload, request: request as JsonObject | undefined };
    });
  });
}

/** What says where the action goes, its expressions evaluated. */
export function targetOf(effect: AlarmEffect): string | undefined {
  if (effect.type === 'notification') return effect.functionArn;
  const { parameters } = effect;
  if (effect.type === 'iotSiteWise') {
    if (parameters.propertyAlias !== undefined) return renderText(parameters.propertyAlias);
    const ids = [parameters.assetId, parameters.propertyId].filter((id) => id !== undefined);
    return ids.length === 0 ? undefined : ids.map(renderText).join('/');
  }
  const target = parameters[TARGET_MEMBER[effect.type]];
  return target === undefined ? undefined : renderText(target);
}

const TARGET_MEMBER = {
  iotTopicPublish: 'mqttTopic',
  iotEvents: 'inputName',
  dynamoDB: 'tableName',
  dynamoDBv2: 'tableName',
  firehose: 'deliveryStreamName',
  lambda: 'functionArn',
  sns: 'targetArn',
  sqs: 'queueUrl',
} as const;

/** What of an action does not match what a scenario says of it; a text stands for the type. */
export function matchAction(expected: Json, action: SeenAction): Mismatch[] {
  if (!isObject(expected)) return match(expected, action.type, '.type');
  return Object.entries(expected).flatMap(([name, part]) => {
    const found = match(part, partOf(action, name, part), `.${name}`);
    // An encoded payload may be given as it is sent, too.
    const isSent = name === 'payload' && found.length > 0 && match(part, sentBody(action), '').length === 0;
    return isSent ? [] : found;
  });
}

function partOf(action: SeenAction, name: string, expected: Json): Json | undefined {
  switch (name) {
    case 'payload':
      return payloadOf(action.payload, expected);
    case 'type':
    case 'model':
    case 'key':
    case 'event':
    case 'state':
    case 'target':
      return action[name];
    case 'request':
      return action.request;
    default:
      return undefined;
  }
}

/** The body of an SQS message, which `useBase64` makes another text than the payload; undefined for all else. */
function sentBody({ type, request }: SeenAction): Json | undefined {
  const input = type === 'sqs' ? request?.input : undefined;
  return input !== undefined && isObject(input) ? input.MessageBody : undefined;
}

/** A text is what is sent; anything else is held to the JSON that is sent. */
function payloadOf(payload: string, expected: Json): Json {
  if (typeof expected === 'string') return payload;
  const parsed = parseJson(payload);
  // A regular expression is for the text, too.
  return parsed.ok && !(isObject(expected) && '$matches' in expected) ? parsed.value : payload;
}

/** For messages: the action with what tells it from others. */
export function showAction({ type, model, key, event, target, payload }: SeenAction): JsonObject {
  return {
    type,
    model,
    ...(key !== undefined && { key }),
    event,
    ...(target !== undefined && { target }),
    payload,
  };
}
