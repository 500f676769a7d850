import type { CustomerAction, CustomerActionName } from '../../core/alarm/types.ts';
import type { AlarmView, InstanceSummary } from '../../core/engine/views.ts';
import { Fault } from '../../runtime/fault.ts';
import { describeInstance, listInstances, refusedOf } from './instances.ts';
import type { PageRequest } from './page.ts';
import type { Service } from './service.ts';

/** The operations on alarms (reference: alarms 3 and 4, api 3). */

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

export async function describeAlarm(service: Service, { alarmModelName, keyValue }: Named) {
  const alarm = await describeInstance(service, 'alarm', alarmModelName, keyValue);
  const { stateName: _, ...summary } = summarise(alarm);
  const { severity } = alarm;
  return {
    alarm: { ...summary, alarmState: alarmState(alarm), ...(severity !== undefined && { severity }) },
  };
}

export async function listAlarms(
  service: Service,
  request: PageRequest & { readonly alarmModelName: string },
) {
  const { items, nextToken } = await listInstances(service, 'alarm', request.alarmModelName, request);
  return { alarmSummaries: items.map(summarise), ...(nextToken !== undefined && { nextToken }) };
}

/** Executes the operators' actions, each separately, and answers when their outcome is durable. */
export async function batchAlarmAction(
  service: Service,
  actionName: CustomerActionName,
  requests: readonly ActionRequest[],
) {
  checkBatch(service, requests);
  const outcomes = await service.host.command(
    requests.map((request) => ({
      type: 'OperateAlarm',
      modelName: request.alarmModelName,
      ...(request.keyValue !== undefined && { keyValue: request.keyValue }),
      action: actionOf(actionName, request),
    })),
  );
  const errorEntries = refusedOf(requests, outcomes).map(({ entry, errorCode, errorMessage }) => {
    return { requestId: entry.requestId, errorCode, errorMessage };
  });
  return { errorEntries };
}

/** An error of the batch itself refuses the whole batch. */
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

function actionOf(actionName: CustomerActionName, { note, snoozeDuration }: ActionRequest): CustomerAction {
  return {
    actionName,
    ...(note !== undefined && { note }),
    ...(actionName === 'SNOOZE' && snoozeDuration !== undefined && { snoozeDuration }),
  };
}

function summarise({ modelName, modelVersion, keyValue, ...view }: InstanceSummary) {
  return {
    alarmModelName: modelName,
    alarmModelVersion: modelVersion,
    ...(keyValue !== undefined && { keyValue }),
    stateName: view.stateName,
    creationTime: view.creationTime,
    lastUpdateTime: view.lastUpdateTime,
  };
}

/** Values are text here, unlike in notifications and actions (reference: alarms 3). */
function alarmState({ stateName, ruleEvaluation, customerAction, snoozeTimeout }: AlarmView) {
  return {
    stateName: stateName as string,
    ...(ruleEvaluation && {
      ruleEvaluation: {
        simpleRuleEvaluation: {
          inputPropertyValue: ruleEvaluation.inputProperty,
          operator: ruleEvaluation.operator,
          thresholdValue: ruleEvaluation.threshold,
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
