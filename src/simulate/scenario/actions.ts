import type { AlarmEffect } from '../../core/alarm/types.ts';
import { parseJson } from '../../core/expression/json.ts';
import { type Json, renderText } from '../../core/expression/value.ts';
import type { SimulatedEvaluation } from '../evaluation.ts';
import { isObject, type JsonObject } from '../payload.ts';
import { requestsOf } from '../records.ts';
import { type Mismatch, match } from './match.ts';

/** An external action in the form that scenarios match. */
export interface SeenAction {
  readonly type: string;
  readonly model: string;
  readonly key: string | undefined;
  readonly event: string;
  /** The state that the action's payload names. */
  readonly state: string;
  /** ARN, URL, stream, input, topic or table; undefined if the action has none. */
  readonly target: string | undefined;
  readonly payload: string;
  readonly request: JsonObject | undefined;
}

/** The external actions of an evaluation, which must have a trace. */
export function actionsOf({ model, keyValue, trace }: SimulatedEvaluation): SeenAction[] {
  return (trace?.actions ?? []).flatMap(({ type, eventName, state, effect }) => {
    if (effect === undefined) return [];
    const common = { type, model: model.compiled.name, key: keyValue, event: eventName, state };
    const payload =
      effect.type === 'notification' ? (effect.payload?.text ?? effect.event) : effect.payload.text;
    return requestsOf(effect).map(({ request }) => {
      // Requests are JSON.
      return { ...common, target: targetOf(effect), payload, request: request as JsonObject | undefined };
    });
  });
}

/** The parameter that says where the action goes, evaluated. */
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

/** Matches an action against a scenario's expectation; a string is the action's type. Returns the mismatches. */
export function matchAction(expected: Json, action: SeenAction): Mismatch[] {
  if (!isObject(expected)) return match(expected, action.type, '.type');
  return Object.entries(expected).flatMap(([name, part]) => {
    const found = match(part, partOf(action, name, part), `.${name}`);
    // An encoded payload may also be given in the form in which it is sent.
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

/** The body of an SQS message, which differs from the payload with `useBase64`; undefined for other actions. */
function sentBody({ type, request }: SeenAction): Json | undefined {
  const input = type === 'sqs' ? request?.input : undefined;
  return input !== undefined && isObject(input) ? input.MessageBody : undefined;
}

/** A string is compared with the text that is sent, anything else with the parsed JSON. */
function payloadOf(payload: string, expected: Json): Json {
  if (typeof expected === 'string') return payload;
  const parsed = parseJson(payload);
  // A regular expression applies to the text as well.
  return parsed.ok && !(isObject(expected) && '$matches' in expected) ? parsed.value : payload;
}

/** For messages: the members of an action that identify it. */
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
