import type { Held } from '../../core/engine/held.ts';
import { unreadableRow } from '../../core/engine/refusal.ts';
import type { RunningModel } from '../../core/engine/running.ts';
import type { Slot } from '../../core/engine/slot.ts';
import { summarise } from '../../core/engine/summary.ts';
import { Fault } from '../fault.ts';
import type { InstancePage, InstanceQuery } from '../host.ts';

/**
 * Pages walk the slots in order, and each slot's instances by age, so that a position stays valid when instances are
 * created or deleted. `slots` must be in the order of their numbers; it may be a subset. Throws Fault for an invalid
 * position, and for a row that cannot be read.
 */
export function pageOfInstances(
  slots: readonly Slot[],
  model: RunningModel,
  { stateName, maxResults, after }: InstanceQuery,
): InstancePage {
  const [firstSlot, age] = readPosition(after);
  const { behaviour } = model;
  const fits = ({ instance }: Held) =>
    instance !== undefined && (stateName === undefined || behaviour.stateOf(model, instance) === stateName);
  const found: Held[] = [];
  for (const slot of slots) {
    if (slot.number < firstSlot) continue;
    const own = [...slot.instances(model.epoch)];
    for (const held of own) check(held);
    found.push(
      ...own
        .filter((held) => slot.number > firstSlot || ageOf(held) > age)
        .filter(fits)
        .sort((a, b) => ageOf(a) - ageOf(b)),
    );
    if (found.length > maxResults) break;
  }
  const page = found.slice(0, maxResults);
  const items = page.flatMap(({ keyValue, instance }) =>
    instance === undefined ? [] : [summarise(model, keyValue, instance)],
  );
  const last = page.at(-1);
  if (last === undefined || found.length === page.length) return { items };
  return { items, next: `${last.slot.number}:${ageOf(last)}` };
}

function check(held: Held): void {
  const unreadable = held.load();
  if (unreadable === undefined) return;
  const { code, message } = unreadableRow(held.model, held.keyValue, unreadable);
  throw new Fault(code, message);
}

function ageOf({ instance }: Held): number {
  return instance?.createdBy ?? 0;
}

function readPosition(position: string | undefined): readonly [slot: number, createdBy: number] {
  if (position === undefined) return [0, 0];
  const [, slot, createdBy] = /^(\d+):(\d+)$/.exec(position) ?? [];
  if (slot === undefined || createdBy === undefined)
    throw new Fault('InvalidRequestException', 'Invalid nextToken');
  return [Number(slot), Number(createdBy)];
}
