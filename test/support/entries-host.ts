import { define, read } from '../../src/cluster/catalog-object.ts';
import { Catalogs, rowOf } from '../../src/cluster/catalogs.ts';
import { SLOTS, type TakeRequest, type WireCommand, type WireOutcome } from '../../src/cluster/contract.ts';
import type { KeyValues } from '../../src/cluster/key-values.ts';
import { give, take } from '../../src/cluster/places.ts';
import { outcomeOfMessage, routeMessage } from '../../src/cluster/routing.ts';
import { readSeenList, readSeenTexts } from '../../src/cluster/seen.ts';
import { goBy, takeKept } from '../../src/cluster/slot-catalog.ts';
import { readMeta } from '../../src/cluster/slot-entries.ts';
import { describe, wouldKeep } from '../../src/cluster/slot-reads.ts';
import { takeTurn, writeMeta } from '../../src/cluster/slot-turn.ts';
import { kindOf } from '../../src/core/engine/commands.ts';
import type { Outcome } from '../../src/core/engine/refusal.ts';
import { slotOf } from '../../src/core/engine/routing.ts';
import type { KeptInstances, OutgoingEffect } from '../../src/core/engine/turn.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { Fault } from '../../src/runtime/fault.ts';
import type { Host, Observer } from '../../src/runtime/host.ts';

/** The entries of an object in memory, stored as JSON text so that anything else is lost, as in Restate. */
export class MemoryEntries implements KeyValues {
  readonly entries = new Map<string, string>();

  async get<T>(name: string): Promise<T | null> {
    const text = this.entries.get(name);
    return text === undefined ? null : (JSON.parse(text) as T);
  }

  getAll<T>(names: readonly string[]): Promise<(T | null)[]> {
    return Promise.all(names.map((name) => this.get<T>(name)));
  }

  set<T>(name: string, value: T): void {
    this.entries.set(name, JSON.stringify(value));
  }

  clear(name: string): void {
    this.entries.delete(name);
  }

  async stateKeys(): Promise<string[]> {
    return [...this.entries.keys()];
  }
}

/**
 * The objects of a cluster without Restate: the same functions over entries in memory, one call after the other, on a
 * simulated clock.
 */
export async function openEntriesHost({
  clock,
  onEffects,
}: {
  readonly clock: Clock;
  readonly onEffects: (effects: readonly OutgoingEffect['effect'][]) => void;
}): Promise<Host> {
  const limits = DEFAULT_LIMITS;
  const catalogState = new MemoryEntries();
  const catalogs = new Catalogs(limits, (request) => read(catalogState, request));
  const slots = Array.from({ length: SLOTS }, () => new MemoryEntries());
  const places = new Map<number, MemoryEntries>();
  const placesOf = (epoch: number) => {
    const own = places.get(epoch) ?? new MemoryEntries();
    places.set(epoch, own);
    return own;
  };
  const observers = new Set<Observer>();
  let last: Promise<unknown> = Promise.resolve();
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };

  const apply = async (
    number: number,
    version: number,
    commands: readonly WireCommand[],
  ): Promise<readonly WireOutcome[]> => {
    const state = slots[number] as MemoryEntries;
    const before = await readMeta(state);
    const known = await catalogs.at(Math.max(before.catalogVersion, version));
    const context = {
      slot: number,
      now: clock.now(),
      limits,
      models: known.models,
      traces: () => false,
      keepsStates: () => false,
      closedSeen: async (numbers: readonly number[]) => {
        const texts = await readSeenTexts(state, numbers);
        return texts.map((text, index) => readSeenList(numbers[index] ?? 0, text));
      },
      take: (epoch: number, request: TakeRequest) => take(placesOf(epoch), request),
      give: (epoch: number, count: number) => give(placesOf(epoch), count),
    };
    const meta = known.version > before.catalogVersion ? await goBy(state, before, known, context) : before;
    const turn = await takeTurn(state, meta, commands, context);
    const { nextDue } = turn;
    const tick = meta.tick ?? Number.POSITIVE_INFINITY;
    let next = turn.meta;
    if (nextDue !== undefined && (nextDue < tick || tick <= turn.meta.now)) {
      next = { ...next, tick: nextDue };
      clock.at(nextDue, () => void alone(() => onTick(number, nextDue)));
    }
    writeMeta(state, next);
    onEffects(turn.effects.map(({ effect }) => effect));
    for (const observer of observers)
      for (const evaluated of turn.evaluated) observer.observe?.(evaluated, turn.meta.now, turn.meta.now);
    return turn.outcomes;
  };
  const onTick = async (number: number, at: number) => {
    const { tick, catalogVersion } = await readMeta(slots[number] as MemoryEntries);
    if (tick === at) await apply(number, catalogVersion, []);
  };
  const none = () => Promise.reject(new Error('Here are no deliveries'));

  return {
    put: (messages) =>
      alone(async () => {
        const { catalog, version } = await catalogs.newest();
        const outcomes: Outcome[] = [];
        for (const message of messages) {
          const routed = routeMessage(catalog, message, limits.chainMessages, limits);
          if (routed.type === 'Refuse') {
            outcomes.push(routed.refusal);
            continue;
          }
          const answers: WireOutcome[] = [];
          for (const { slot, command } of routed.commands)
            answers.push(...(await apply(slot, version, [command])));
          const outcome = outcomeOfMessage(routed.faults, answers);
          if (outcome === 'Stale') throw new Error('Nobody else changes the catalog');
          outcomes.push(outcome);
        }
        return outcomes;
      }),
    command: (commands) =>
      alone(async () => {
        const { catalog, version } = await catalogs.newest();
        const outcomes: Outcome[] = [];
        for (const command of commands) {
          const { modelName, keyValue } = command;
          const model = (kindOf(command) === 'detector' ? catalog.models : catalog.alarmModels).get(
            modelName,
          );
          if (model === undefined) {
            outcomes.push({ code: 'ResourceNotFoundException', message: `${modelName} not found` });
            continue;
          }
          const wire: WireCommand = { type: 'Command', epoch: model.active.epoch, command };
          const [outcome] = await apply(slotOf(modelName, keyValue, SLOTS), version, [wire]);
          outcomes.push(typeof outcome === 'object' ? outcome : undefined);
        }
        return outcomes;
      }),
    describe: ({ kind, modelName, keyValue }) =>
      alone(async () => {
        const { catalog, models } = await catalogs.newest();
        const model = (kind === 'detector' ? catalog.models : catalog.alarmModels).get(modelName);
        const number = slotOf(modelName, keyValue, SLOTS);
        const epoch = model?.active.epoch ?? 0;
        const request = keyValue === undefined ? { kind, epoch } : { kind, epoch, keyValue };
        const answer = await describe(slots[number] as MemoryEntries, number, models, request);
        if ('refusal' in answer) throw new Fault(answer.refusal.code, answer.refusal.message);
        if (answer.view === undefined) throw new Fault('ResourceNotFoundException', 'not found');
        return answer.view;
      }),
    define: (name, request) =>
      alone(async () => {
        const answer = await define(
          catalogState,
          { name, request },
          {
            now: clock.now(),
            limits,
            wouldKeep: (asked) =>
              Promise.all(
                slots.map(async (state, number) =>
                  wouldKeep(state, number, await catalogs.at(asked.candidate), asked),
                ),
              ),
            async tell(version, keptBy) {
              const kept: KeptInstances[] = [];
              for (const [number, state] of slots.entries()) {
                await apply(number, version, []);
                if (keptBy !== undefined) kept.push(await takeKept(state, keptBy));
              }
              return kept;
            },
          },
        );
        if ('refusal' in answer) throw new Fault(answer.refusal.code, answer.refusal.message);
        return answer.result as never;
      }),
    catalog: () => alone(async () => (await catalogs.newest()).catalog),
    row: (key) => alone(async () => rowOf(await catalogs.newest(), key)),
    list: none,
    actions: { list: none, get: none, redrive: none, redriveAll: none, discard: none, discardAll: none },
    observe: (observer) => {
      observers.add(observer);
      return () => observers.delete(observer);
    },
    history: () => undefined,
    figures: () => {
      throw new Error('Here are no figures');
    },
    now: () => clock.now(),
  };
}
