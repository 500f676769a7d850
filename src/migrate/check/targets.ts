import type { Action, DetectorModelDefinition, IotSiteWiseAction } from '../../core/model/definition.ts';
import type { Resource, Target } from '../report.ts';

/** The parameters that say where an external action goes, as in the definition; expressions are not evaluated. */
const TARGETS: { readonly [T in keyof Action]?: (action: NonNullable<Action[T]>) => string } = {
  iotTopicPublish: ({ mqttTopic }) => mqttTopic,
  iotEvents: ({ inputName }) => inputName,
  iotSiteWise: sitewiseTarget,
  dynamoDB: ({ tableName }) => tableName,
  dynamoDBv2: ({ tableName }) => tableName,
  firehose: ({ deliveryStreamName }) => deliveryStreamName,
  lambda: ({ functionArn }) => functionArn,
  sns: ({ targetArn }) => targetArn,
  sqs: ({ queueUrl }) => queueUrl,
};

/** The distinct targets, in order of first use. */
export function targetsOf(
  models: readonly { readonly resource: Resource; readonly actions: readonly Action[] }[],
) {
  const targets = new Map<string, Target & { readonly usedBy: string[] }>();
  for (const { resource, actions } of models) {
    for (const { type, target } of actions.flatMap(targetsOfAction)) {
      const key = `${type} ${target}`;
      const known = targets.get(key) ?? { type, target, usedBy: [] };
      if (!known.usedBy.includes(resource.name)) known.usedBy.push(resource.name);
      targets.set(key, known);
    }
  }
  return [...targets.values()];
}

/** All actions of a definition, in its order. */
export function actionsOf({ states }: DetectorModelDefinition): readonly Action[] {
  return states.flatMap(({ onEnter, onInput, onExit }) => {
    const events = [onEnter?.events, onInput?.events, onInput?.transitionEvents, onExit?.events];
    return events.flatMap((list) => (list ?? []).flatMap(({ actions }) => actions ?? []));
  });
}

function targetsOfAction(action: Action): { readonly type: string; readonly target: string }[] {
  return (Object.keys(TARGETS) as (keyof Action)[]).flatMap((type) => {
    const target = readTarget(type, action);
    return target === undefined ? [] : [{ type, target }];
  });
}

function readTarget<T extends keyof Action>(type: T, action: Action): string | undefined {
  const given = action[type];
  return given === undefined ? undefined : TARGETS[type]?.(given);
}

function sitewiseTarget({ propertyAlias, assetId, propertyId, entryId }: IotSiteWiseAction): string {
  if (propertyAlias !== undefined) return propertyAlias;
  const ids = [assetId, propertyId].filter((id) => id !== undefined);
  return ids.length > 0 ? ids.join('/') : (entryId ?? '');
}
