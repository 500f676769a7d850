import { namedVariables } from '../core/detector/variables.ts';
import { renderJson } from '../core/expression/json.ts';
import { comparable, numberOf } from '../core/expression/numbers.ts';
import type { Json, Value } from '../core/expression/value.ts';
import { prepareModels, prepareRequests } from '../simulate/files/load-models.ts';
import { DEFAULT_START } from '../simulate/files/message-plan.ts';
import { readAction } from '../simulate/messages/element.ts';
import type { SimulatedModel } from '../simulate/models.ts';
import { evaluationRecord, rejectionRecord, renderRecord } from '../simulate/records.ts';
import { Simulator } from '../simulate/simulator.ts';
import { isoTime, parseDuration, parseTime } from '../simulate/times.ts';

export interface SimulationOptions {
  /** Paths in any format that `tripline import` accepts, or requests that create models. */
  readonly models: readonly (string | object)[];
  /** ISO 8601, or a number since the epoch; by default 2025-01-01T00:00:00Z. */
  readonly start?: string | number;
  /** Values of template parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** A record as printed by `tripline simulate --json`, with plain numbers. */
export interface RunRecord {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** The current state of a detector or alarm. */
export interface DetectorView {
  readonly state: string;
  readonly variables: Readonly<Record<string, string | number | bigint | boolean>>;
  /** Running timers, with the remaining seconds. */
  readonly timers: Readonly<Record<string, number>>;
}

/**
 * Starts a simulation in virtual time. Rejects with an Error that states the reason when a model cannot be read or
 * cannot run.
 */
export async function createSimulation({
  models,
  start,
  parameters,
}: SimulationOptions): Promise<Simulation> {
  const begin = start === undefined ? DEFAULT_START : parseTime(start);
  if (begin === undefined) throw new Error(`start: ${start} is not a time`);
  const paths = models.filter((model) => typeof model === 'string');
  const loaded =
    paths.length === 0
      ? { models: [], problems: [] }
      : prepareModels(paths, { parameters: new Map(Object.entries(parameters ?? {})) });
  if (loaded.problems.length > 0) throw new Error(loaded.problems.join('\n'));
  const given = models.flatMap((model) => (typeof model === 'string' ? [] : [prepare(model)]));
  return new Simulation([...loaded.models, ...given], begin);
}

function prepare(request: object): SimulatedModel {
  if (!('detectorModelDefinition' in request || 'alarmRule' in request))
    throw new Error('A model is a path, or a CreateDetectorModel or CreateAlarmModel request');
  const { models, problems } = prepareRequests([request]);
  const [model] = models;
  if (model === undefined || problems.length > 0) throw new Error(problems.join('\n'));
  return model;
}

/** A simulation in virtual time: nothing is sent, and time moves only on request. */
export class Simulation {
  /** All external actions so far, in the form of the records. */
  readonly actions: RunRecord[] = [];
  readonly #simulator: Simulator;
  #records: RunRecord[] = [];

  /** Use `createSimulation` instead. */
  constructor(models: readonly SimulatedModel[], start: number) {
    this.#simulator = new Simulator({
      models,
      start,
      trace: true,
      onEvaluation: (evaluation) => {
        const record = parse(renderRecord(evaluationRecord(evaluation, { explain: true })));
        this.#records.push(record);
        this.actions.push(...(record.actions as RunRecord[]));
      },
      onRejection: (rejection) => this.#records.push(parse(renderRecord(rejectionRecord(rejection)))),
    });
  }

  /** The virtual time in ISO 8601. */
  get time(): string {
    return isoTime(this.#simulator.time);
  }

  /**
   * Sends a message now. The payload is an object, or JSON text, in which 30.0 stays a Decimal. Resolves with the
   * records of the evaluations it caused.
   */
  async send(inputName: string, payload: object | string, messageId?: string): Promise<RunRecord[]> {
    const text = typeof payload === 'string' ? payload : renderJson(payload as Json);
    return this.#recording(() => this.#simulator.put({ inputName, messageId, payload: text }));
  }

  /**
   * Advances the clock by a duration: a number of seconds, or a text such as `5m` or `1h30m`. Resolves with the records
   * of the evaluations that timers caused.
   */
  async advance(duration: string | number): Promise<RunRecord[]> {
    const milliseconds = parseDuration(duration);
    if (milliseconds === undefined)
      throw new Error(`${duration} is not a duration: seconds, or 90s, 5m, 1h30m, 2d`);
    return this.#recording(() => this.#simulator.advanceTo(this.#simulator.time + milliseconds));
  }

  /** Runs an operator's action on an alarm: acknowledge, reset, enable, disable, or snooze for a number of seconds. */
  async operate(
    action: string,
    alarmModelName: string,
    keyValue?: string,
    { seconds, note }: { readonly seconds?: number; readonly note?: string } = {},
  ): Promise<RunRecord[]> {
    const read = readAction(action, seconds, note);
    if (typeof read === 'string') throw new Error(read);
    return this.#recording(() => this.#simulator.operate({ alarmModelName, keyValue, action: read }));
  }

  /**
   * Returns a detector, or an alarm if there is no detector model of that name (of two with one name, `alarm` returns the
   * alarm). Undefined when it does not exist.
   */
  detector(modelName: string, keyValue?: string): DetectorView | undefined {
    const isDetector = this.#simulator.models.some(
      ({ kind, compiled }) => kind === 'detector' && compiled.name === modelName,
    );
    return isDetector ? this.#view('detector', modelName, keyValue) : this.alarm(modelName, keyValue);
  }

  /** Returns an alarm; undefined when it does not exist. */
  alarm(modelName: string, keyValue?: string): DetectorView | undefined {
    return this.#view('alarm', modelName, keyValue);
  }

  #view(kind: SimulatedModel['kind'], name: string, keyValue: string | undefined): DetectorView | undefined {
    const instance = this.#simulator.find({ kind, compiled: { name } }, keyValue);
    if (instance === undefined) return undefined;
    const { model, state, timers, detector } = instance;
    const named =
      model.kind === 'detector' && detector !== undefined ? namedVariables(model.compiled, detector) : [];
    const running = timers.filter(({ status }) => status === 'RUNNING');
    return {
      state,
      variables: Object.fromEntries(named.map(([name, value]) => [name, plain(value)])),
      timers: Object.fromEntries(
        running.map(({ name, expiresAt }) => [name, (expiresAt - this.#simulator.time) / 1000]),
      ),
    };
  }

  #recording(action: () => void): RunRecord[] {
    this.#records = [];
    action();
    return this.#records;
  }
}

function parse(text: string): RunRecord {
  return JSON.parse(text) as RunRecord;
}

function plain(value: Value): string | number | bigint | boolean {
  const number = numberOf(value);
  return number === undefined ? (value as string | boolean) : comparable(number);
}
