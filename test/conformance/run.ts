import { createDetectorModel, updateDetectorModel } from '../../src/api/handlers/detector-models.ts';
import { batchDeleteDetector, batchUpdateDetector } from '../../src/api/handlers/detectors.ts';
import { createInput } from '../../src/api/handlers/inputs.ts';
import { batchPutMessage } from '../../src/api/handlers/messages.ts';
import type { Service } from '../../src/api/handlers/service.ts';
import type { ActionEffect } from '../../src/core/detector/effect.ts';
import type { OutgoingEffect } from '../../src/core/engine/turn.ts';
import type { DetectorView } from '../../src/core/engine/views.ts';
import { renderJson } from '../../src/core/expression/json.ts';
import type { DetectorModelDefinition, EvaluationMethod } from '../../src/core/model/definition.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { Fault } from '../../src/runtime/fault.ts';
import type { Host } from '../../src/runtime/host.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { openPumpHost } from '../support/pump-host.ts';
import { SimulatedClock } from '../support/simulated-clock.ts';

/** The members are described in README.md. */
export interface ModelCase {
  readonly name: string;
  readonly inputs?: readonly string[];
  readonly models: readonly ModelData[];
  readonly steps: readonly Step[];
}

/** A file of cases. */
export interface ModelFile {
  readonly feature: string;
  readonly spec: string;
  readonly cases: readonly (ModelCase & { readonly spec?: string })[];
}

interface ModelData {
  readonly detectorModelName: string;
  readonly key?: string;
  readonly evaluationMethod?: EvaluationMethod;
  readonly detectorModelDefinition: DetectorModelDefinition;
}

export interface Step {
  readonly at: number;
  readonly message?: { readonly input: string; readonly id?: string; readonly payload: string };
  readonly updateDetector?: Parameters<typeof batchUpdateDetector>[1]['detectors'][number];
  readonly deleteDetector?: Parameters<typeof batchDeleteDetector>[1]['detectors'][number];
  readonly updateModel?: ModelData;
  readonly state?: Keyed<string>;
  readonly variables?: Keyed<Record<string, string>>;
  readonly timers?: Keyed<Record<string, number>>;
  readonly absent?: Readonly<Record<string, readonly string[]>>;
  readonly actions?: readonly ExpectedAction[];
  readonly problems?: number;
  readonly error?: string;
}

export interface ExpectedAction {
  readonly type: string;
  readonly event?: string;
  readonly model?: string;
  readonly key?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly payload?: unknown;
  readonly text?: string;
}

type Keyed<T> = Readonly<Record<string, Readonly<Record<string, T>>>>;

const START = 1_600_000_000_000;
const ROLE = 'arn:aws:iam::000000000000:role/Conformance';

type EffectListener = (effects: readonly OutgoingEffect['effect'][]) => void;

/** Opens a host on a simulated clock that reports durable effects. */
export type OpenHost = (options: {
  readonly clock: SimulatedClock;
  readonly onEffects: EffectListener;
}) => Promise<Host>;

/** The embedded host on an in-memory store. */
export const embedded: OpenHost = async (options) => {
  const { pump, host } = await openPumpHost(openMemoryStore(), options);
  pump.start();
  return host;
};

/** Plays one case on a host with a simulated clock. */
export class CaseRun {
  readonly #clock = new SimulatedClock(START);
  readonly #service: Service;
  readonly #effects: ActionEffect[] = [];
  #problems = 0;
  #messages = 0;

  static async begin(data: ModelCase, openHost: OpenHost = embedded): Promise<CaseRun> {
    const clock = new SimulatedClock(START);
    const effects: ActionEffect[] = [];
    const onEffects: EffectListener = (made) =>
      effects.push(...made.flatMap((effect) => (effect.type === 'notification' ? [] : [effect])));
    const host = await openHost({ clock, onEffects });
    const run = new CaseRun(host, clock, effects);
    for (const inputName of data.inputs ?? ['I']) {
      await createInput(run.#service, { inputName, inputDefinition: { attributes: [{ jsonPath: 'x' }] } });
    }
    for (const model of data.models) await createDetectorModel(run.#service, { ...model, roleArn: ROLE });
    return run;
  }

  private constructor(host: Host, clock: SimulatedClock, effects: ActionEffect[]) {
    this.#service = { host, limits: DEFAULT_LIMITS, region: 'us-east-1', accountId: '000000000000' };
    this.#clock = clock;
    this.#effects = effects;
    host.observe({
      observe: ({ result }) => {
        this.#problems += result.problems.length;
      },
    });
  }

  /** Plays one step and returns its results in the terms of its expectations. */
  async play(step: Step): Promise<Record<string, unknown>> {
    this.#effects.length = 0;
    this.#problems = 0;
    await this.#clock.advance(START + step.at, () => this.#service.host.catalog());
    const error = await this.#act(step);
    const seen: Record<string, unknown> = {};
    if (step.error !== undefined || error !== undefined) seen.error = error;
    if (step.state) seen.state = await this.#each(step.state, ({ stateName }) => stateName);
    if (step.variables) seen.variables = await this.#each(step.variables, variablesOf);
    if (step.timers) seen.timers = await this.#each(step.timers, timersOf);
    if (step.absent) seen.absent = await this.#absent(step.absent);
    if (step.problems !== undefined) seen.problems = this.#problems;
    if (step.actions)
      seen.actions = this.#effects.map((effect, index) => tell(effect, step.actions?.[index]));
    return seen;
  }

  /** Returns the error code, if there is one. */
  async #act(step: Step): Promise<string | undefined> {
    if (step.message) {
      const { input: inputName, id = `m${++this.#messages}`, payload } = step.message;
      const messages = [{ messageId: id, inputName, payload: Buffer.from(payload) }];
      const { BatchPutMessageErrorEntries: entries } = await batchPutMessage(this.#service, { messages });
      return entries[0]?.errorCode;
    }
    if (step.updateDetector) {
      try {
        const answer = await batchUpdateDetector(this.#service, { detectors: [step.updateDetector] });
        return answer.batchUpdateDetectorErrorEntries[0]?.errorCode;
      } catch (error) {
        if (error instanceof Fault) return error.code;
        throw error;
      }
    }
    if (step.deleteDetector) {
      const answer = await batchDeleteDetector(this.#service, { detectors: [step.deleteDetector] });
      return answer.batchDeleteDetectorErrorEntries[0]?.errorCode;
    }
    if (step.updateModel) await updateDetectorModel(this.#service, { ...step.updateModel, roleArn: ROLE });
    return undefined;
  }

  /** Undefined when the detector does not exist. */
  async #detector(modelName: string, key: string): Promise<DetectorView | undefined> {
    try {
      const view = await this.#service.host.describe({
        kind: 'detector',
        modelName,
        ...(key !== '' && { keyValue: key }),
      });
      return view.kind === 'detector' ? view : undefined;
    } catch (error) {
      if (error instanceof Fault && error.code === 'ResourceNotFoundException') return undefined;
      throw error;
    }
  }

  async #each<T>(
    keyed: Keyed<unknown>,
    read: (detector: DetectorView) => T,
  ): Promise<Record<string, Record<string, T | undefined>>> {
    const seen: Record<string, Record<string, T | undefined>> = {};
    for (const [model, keys] of Object.entries(keyed)) {
      const own: Record<string, T | undefined> = {};
      for (const key of Object.keys(keys)) {
        const detector = await this.#detector(model, key);
        own[key] = detector && read(detector);
      }
      seen[model] = own;
    }
    return seen;
  }

  async #absent(keyed: Readonly<Record<string, readonly string[]>>): Promise<Record<string, string[]>> {
    const absent: Record<string, string[]> = {};
    for (const [model, keys] of Object.entries(keyed)) {
      const own: string[] = [];
      for (const key of keys) if ((await this.#detector(model, key)) === undefined) own.push(key);
      absent[model] = own;
    }
    return absent;
  }
}

function variablesOf({ variables }: DetectorView): Record<string, string> {
  return Object.fromEntries(variables.map(({ name, value }) => [name, value]));
}

function timersOf({ timers }: DetectorView): Record<string, number> {
  return Object.fromEntries(timers.map(({ name, expiresAt }) => [name, expiresAt - START]));
}

/** An effect reduced to the expected members. */
function tell(effect: ActionEffect, expected: ExpectedAction | undefined): ExpectedAction {
  const parameters = Object.entries(effect.parameters).map(([name, value]) => [name, renderJson(value)]);
  return {
    type: effect.type,
    ...(expected?.event !== undefined && { event: effect.eventName }),
    ...(expected?.model !== undefined && { model: effect.detectorModelName }),
    ...(expected?.key !== undefined && { key: effect.keyValue ?? '' }),
    ...(expected?.parameters !== undefined && { parameters: Object.fromEntries(parameters) }),
    ...(expected?.text !== undefined && { text: effect.payload.text }),
    ...(expected?.payload !== undefined && { payload: JSON.parse(effect.payload.text) }),
  };
}
