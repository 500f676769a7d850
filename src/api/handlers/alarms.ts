import { afterCustomerAction } from '../../core/alarm/transitions.ts';
import type { Alarm, CustomerAction, CustomerActionName } from '../../core/alarm/types.ts';
import { renderText } from '../../core/expression/value.ts';
import type { AlarmModel } from '../../runtime/catalog.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Held } from '../../runtime/slot.ts';
import { findAlarmModel } from './alarm-models.ts';
import { pageOfInstances, refusedOf } from './instances.ts';
import type { PageRequest } from './page.ts';
import type { Service } from './service.ts';

/** The operations on alarms (spec: alarms 3 and 4, api 3). */

interface Named {
  readonly alarmModelName: string;
  readonly keyValue?: string;
}

interface ActionRequest extends Named {
  readonly requestId: string;
  readonly note?: string;
  /** Seconds, for snooze. */
  readonly snoozeDuration?: number;
}

export function describeAlarm(service: Service, request: Named) {
  return service.host.command(() => {
    const model = findAlarmModel(service, request.alarmModelName);
    const { severity } = model.versions.at(-1) ?? {};
    const held = findAlarm(service, model, request);
    const { stateName: _, ...summary } = summarise(model, held);
    return {
      alarm: {
        ...summary,
        alarmState: alarmState(held.instance as Alarm),
        ...(severity !== undefined && { severity }),
      },
    };
  });
}

export function listAlarms(service: Service, request: PageRequest & { readonly alarmModelName: string }) {
  return service.host.command(() => {
    const model = findAlarmModel(service, request.alarmModelName);
    const { items, nextToken } = pageOfInstances(service, model.active.epoch, request, () => true);
    return {
      alarmSummaries: items.map((held) => summarise(model, held)),
      ...(nextToken !== undefined && { nextToken }),
    };
  });
}

/** Does the operators' actions, each by itself, and answers when their outcome is durable. */
export async function batchAlarmAction(
  service: Service,
  actionName: CustomerActionName,
  requests: readonly ActionRequest[],
) {
  checkBatch(service, requests);
  const { host } = service;
  return host.command((turn) => {
    const refused = refusedOf(requests, (request) => {
      const model = findAlarmModel(service, request.alarmModelName);
      const held = findAlarm(service, model, request);
      checkSnooze(service, actionName, request);
      checkState(model, held, actionName);
      host.trigger(turn, held, { type: 'CustomerAction', action: actionOf(actionName, request) });
    });
    const errorEntries = refused.map(({ entry: { requestId }, errorCode, errorMessage }) => {
      return { requestId, errorCode, errorMessage };
    });
    return { errorEntries };
  });
}

/** What is wrong with the batch as a whole refuses it as a whole. */
function checkBatch({ limits }: Service, requests: readonly ActionRequest[]): void {
  if (requests.length > limits.batchSize) {
    const message = `Number of requests in the batch ${requests.length} exceeds the limit ${limits.batchSize}`;
    throw new Fault('InvalidRequestException', message);
  }
  const ids = new Set<string>();
  for (const { requestId } of requests) {
    if (ids.has(requestId))
      throw new Fault('InvalidRequestException', `Request ID ${requestId} is not unique within the batch`);
    ids.add(requestId);
  }
}

function checkSnooze(
  { limits }: Service,
  actionName: CustomerActionName,
  { snoozeDuration = 0 }: ActionRequest,
): void {
  const most = limits.maximumTimerSeconds;
  if (actionName !== 'SNOOZE' || (snoozeDuration >= 1 && snoozeDuration <= most)) return;
  const message = `Value '${snoozeDuration}' at 'snoozeDuration' is not a number of seconds between 1 and ${most}`;
  throw new Fault('InvalidRequestException', message);
}

/** spec: questions Q-ALARM-ILLEGAL */
function checkState({ active }: AlarmModel, { instance }: Held, actionName: CustomerActionName): void {
  const { state } = instance as Alarm;
  const { acknowledgeFlow } = active.compiled;
  if (afterCustomerAction(state, actionName, acknowledgeFlow) !== undefined) return;
  const needsFlow = actionName === 'ACKNOWLEDGE' && state === 'ACTIVE';
  const why = needsFlow ? ' of a model without the acknowledge flow' : '';
  throw new Fault(
    'InvalidRequestException',
    `${actionName} is not possible for an alarm in state ${state}${why}`,
  );
}

function actionOf(actionName: CustomerActionName, { note, snoozeDuration }: ActionRequest): CustomerAction {
  return {
    actionName,
    ...(note !== undefined && { note }),
    ...(actionName === 'SNOOZE' && snoozeDuration !== undefined && { snoozeDuration }),
  };
}

function findAlarm({ host }: Service, model: AlarmModel, { alarmModelName, keyValue }: Named): Held {
  const held = host.slotFor(alarmModelName, keyValue).find(model.active.epoch, keyValue);
  if (held !== undefined) return held;
  const key = keyValue === undefined ? 'without a key value' : `with key value: ${keyValue}`;
  throw new Fault('ResourceNotFoundException', `Alarm of alarm model: ${alarmModelName} ${key} not found`);
}

function summarise(model: AlarmModel, { keyValue, instance }: Held) {
  const { state, creationTime, lastUpdateTime } = instance as Alarm;
  return {
    alarmModelName: model.record.alarmModelName,
    alarmModelVersion: model.active.compiled.version,
    ...(keyValue !== undefined && { keyValue }),
    stateName: state as string,
    creationTime,
    lastUpdateTime,
  };
}

/** Values are texts here, unlike in what notifications and actions carry (spec: alarms 3). */
function alarmState({ state, ruleEvaluation, customerAction, snoozeTimeout }: Alarm) {
  return {
    stateName: state as string,
    ...(ruleEvaluation && {
      ruleEvaluation: {
        simpleRuleEvaluation: {
          inputPropertyValue: renderText(ruleEvaluation.inputProperty),
          operator: ruleEvaluation.operator,
          thresholdValue: renderText(ruleEvaluation.threshold),
        },
      },
    }),
    ...(customerAction && { customerAction: customerActionOf(customerAction) }),
    ...(snoozeTimeout && {
      systemEvent: {
        eventType: 'STATE_CHANGE',
        stateChangeConfiguration: { triggerType: 'SNOOZE_TIMEOUT' },
      },
    }),
  };
}

function customerActionOf({ actionName, ...configuration }: CustomerAction) {
  return { actionName, [`${actionName.toLowerCase()}ActionConfiguration`]: configuration };
}
