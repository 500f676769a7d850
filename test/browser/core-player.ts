import { apply, type SlotCommand } from '../../src/core/engine/apply.ts';
import { runDetectorModel } from '../../src/core/engine/detectors.ts';
import { keyOf, routesOf, slotOf } from '../../src/core/engine/routing.ts';
import type { RunningModel } from '../../src/core/engine/running.ts';
import { Sequence, Slot } from '../../src/core/engine/slot.ts';
import type { InstanceView } from '../../src/core/engine/views.ts';
import { parseJson } from '../../src/core/expression/json.ts';
import { compileModel, type ModelSource } from '../../src/core/model/compile.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';

/*
 * Plays conformance cases on the core alone: slots run one at a time, as data, in a host without clock, store or Node.
 * Bundled and run where only the language is available.
 */

interface Case {
  readonly models: readonly (Pick<ModelSource, 'detectorModelName' | 'detectorModelDefinition'> &
    Partial<ModelSource>)[];
  readonly steps: readonly Step[];
}

interface Step {
  readonly at: number;
  readonly message?: { readonly input: string; readonly payload: string };
  readonly state?: Keyed;
  readonly variables?: Keyed;
  readonly timers?: Keyed;
}

type Keyed = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const START = 1_600_000_000_000;
const SLOTS = 4;

/** The results of each step, in the terms of its expectations; as JSON text. */
export function play(text: string): string {
  const { models, steps } = JSON.parse(text) as Case;
  const running = models.map((source, index) => run(source, index + 1));
  const host = new CoreHost(running);
  const seen = steps.map(({ at, message, state, variables, timers }, index) => {
    host.advance(START + at);
    if (message !== undefined) host.put(message.input, `m${index}`, message.payload);
    return {
      ...(state && { state: each(host, state, ({ stateName }) => stateName) }),
      ...(variables && {
        variables: each(host, variables, (view) =>
          view.kind === 'detector'
            ? Object.fromEntries(view.variables.map(({ name, value }) => [name, value]))
            : undefined,
        ),
      }),
      ...(timers && {
        timers: each(host, timers, (view) =>
          Object.fromEntries(view.timers.map(({ name, expiresAt }) => [name, expiresAt - START])),
        ),
      }),
    };
  });
  return JSON.stringify(seen);
}

class CoreHost {
  readonly #models: ReadonlyMap<number, RunningModel>;
  readonly #routes: ReturnType<typeof routesOf>;
  readonly #slots: readonly Slot[];
  #now = START;

  constructor(models: readonly RunningModel[]) {
    const sequence = new Sequence();
    this.#models = new Map(models.map((model) => [model.epoch, model]));
    this.#routes = routesOf(models);
    this.#slots = Array.from({ length: SLOTS }, (_, number) => new Slot(number, sequence, 1));
  }

  /** Advances to a time, stopping at each timer on the way. */
  advance(to: number): void {
    for (;;) {
      const [next] = [...this.#slots].sort((a, b) => a.nextDue - b.nextDue);
      if (next === undefined || next.nextDue > to) break;
      this.#now = Math.max(this.#now, next.nextDue);
      this.#apply(next, []);
    }
    this.#now = to;
  }

  put(inputName: string, messageId: string, text: string): void {
    const parsed = parseJson(text);
    if (!parsed.ok) return;
    const payload = { text, value: parsed.value };
    for (const model of this.#routes.get(inputName) ?? []) {
      const key = keyOf(model, payload);
      if (!key.ok) continue;
      const { keyValue } = key;
      const slot = this.#slots[slotOf(model.compiled.name, keyValue, SLOTS)] as Slot;
      const named = keyValue === undefined ? {} : { keyValue };
      this.#apply(slot, [
        { type: 'Message', epoch: model.epoch, ...named, inputName, messageId, payload, chain: 0 },
      ]);
    }
  }

  view(modelName: string, key: string): InstanceView | undefined {
    const keyValue = key === '' ? undefined : key;
    for (const model of this.#models.values()) {
      if (model.compiled.name !== modelName) continue;
      const held = this.#slots[slotOf(modelName, keyValue, SLOTS)]?.find(model.epoch, keyValue);
      return held?.instance && model.behaviour.view(model, keyValue, held.instance);
    }
    return undefined;
  }

  #apply(slot: Slot, commands: readonly SlotCommand[]): void {
    apply(slot, commands, {
      now: this.#now,
      limits: DEFAULT_LIMITS,
      traces: () => false,
      keepsStates: () => false,
      models: this.#models,
      count: () => 0,
    });
  }
}

function run(source: Case['models'][number], epoch: number): RunningModel {
  const compiled = compileModel(
    { detectorModelVersion: '1', evaluationMethod: 'BATCH', ...source },
    DEFAULT_LIMITS,
  );
  if (!compiled.ok) throw new Error(compiled.problems.map(({ message }) => message).join('; '));
  return runDetectorModel(compiled.model, epoch, 'role');
}

function each(
  host: CoreHost,
  keyed: Keyed,
  read: (view: InstanceView) => unknown,
): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(keyed).map(([model, keys]) => [
      model,
      Object.fromEntries(
        Object.keys(keys).map((key) => {
          const view = host.view(model, key);
          return [key, view && read(view)];
        }),
      ),
    ]),
  );
}
