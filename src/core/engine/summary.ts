import type { Instance, RunningModel } from './running.ts';
import type { InstanceSummary } from './views.ts';

/**
 * An instance as lists show it. Its cost does not depend on the size of the instance, unlike that of a view: a page has
 * hundreds of instances, and each can have variables of hundreds of kilobytes.
 */
export function summarise(
  model: RunningModel,
  keyValue: string | undefined,
  instance: Instance,
): InstanceSummary {
  const { behaviour, compiled } = model;
  const nextExpiry = nextExpiryOf(instance);
  return {
    modelName: compiled.name,
    modelVersion: compiled.version,
    ...(keyValue !== undefined && { keyValue }),
    stateName: behaviour.stateOf(model, instance),
    creationTime: instance.creationTime,
    lastUpdateTime: instance.lastUpdateTime,
    ...(nextExpiry !== undefined && { nextExpiry }),
  };
}

function nextExpiryOf({ timers }: Instance): number | undefined {
  let next: number | undefined;
  for (const { expiresAt, status } of timers)
    if (status === 'RUNNING' && (next === undefined || expiresAt < next)) next = expiresAt;
  return next;
}
