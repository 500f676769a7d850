import { nextTimer } from '../detector/next-timer.ts';
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
  const next = nextTimer(instance.timers);
  return {
    modelName: compiled.name,
    modelVersion: compiled.version,
    ...(keyValue !== undefined && { keyValue }),
    stateName: behaviour.stateOf(model, instance),
    creationTime: instance.creationTime,
    lastUpdateTime: instance.lastUpdateTime,
    ...(next !== undefined && { nextExpiry: next.expiresAt }),
  };
}
