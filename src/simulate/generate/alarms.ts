import { type AlarmEffect, CUSTOMER_ACTIONS } from '../../core/alarm/types.ts';
import type { Json } from '../../core/expression/value.ts';
import { readAction } from '../messages/element.ts';
import type { SimulatedModel } from '../models.ts';
import { type JsonObject, payloadOf } from '../payload.ts';
import { addressOf, expectedActions } from '../scenario/expected.ts';
import { Simulator } from '../simulator.ts';
import { withValue } from './attributes.ts';
import { parsed } from './expressions.ts';
import { KEY } from './moves.ts';

type AlarmModel = SimulatedModel & { readonly kind: 'alarm' };

/** Something that can happen to an alarm. */
type AlarmMove =
  | { readonly kind: 'message'; readonly inputName: string; readonly payload: JsonObject }
  | { readonly kind: 'operator'; readonly action: string }
  | { readonly kind: 'advance'; readonly seconds: number };

/** The duration of a snooze in seconds. */
const SNOOZE = 60;
/** The threshold to use when it is an attribute. */
const THRESHOLD = 10;

/**
 * Generates scenarios that try everything in every state of an alarm: values on both sides of the threshold and at it,
 * each of the operator's actions, and the end of a snooze. Returns none for an alarm on a SiteWise property. `start` is
 * in milliseconds since the epoch, `number` is the number of the first scenario.
 */
export function alarmScenarios(
  models: readonly SimulatedModel[],
  model: AlarmModel,
  start: number,
  number: number,
): JsonObject[] {
  const plan = planFor(model);
  if (plan === undefined) return [];
  const scenarios: JsonObject[] = [];
  /** For each state, the moves that lead to it and the moves not yet tried there. */
  const ways = new Map<string, AlarmMove[]>([['', []]]);
  const open = new Map<string, AlarmMove[]>([['', [...plan.moves]]]);
  for (;;) {
    const from = [...open].find(([, moves]) => moves.length > 0)?.[0];
    if (from === undefined) return scenarios;
    const recording = new AlarmRecording(models, model, start);
    const path = [...(ways.get(from) ?? [])];
    for (const move of [...plan.first, ...path]) recording.play(move);
    // The initial messages may already have created the alarm.
    if (recording.state !== from) open.set(from, []);
    for (;;) {
      const { state } = recording;
      if (!ways.has(state)) {
        ways.set(state, [...path]);
        open.set(state, [...plan.moves]);
      }
      const move = open.get(state)?.shift();
      if (move === undefined) break;
      recording.play(move);
      path.push(move);
    }
    scenarios.push(recording.scenario(number + scenarios.length));
  }
}

/** The messages relevant to the rule. `first` sends the threshold, if that comes from another input. */
function planFor({ source, compiled }: AlarmModel): { first: AlarmMove[]; moves: AlarmMove[] } | undefined {
  const rule = source.alarmRule.simpleRule;
  const [property, limit] = [parsed(rule?.inputProperty ?? ''), parsed(rule?.threshold ?? '')];
  if (property?.kind !== 'input' || limit === undefined) return undefined;
  const keyed = (payload: JsonObject) =>
    compiled.key === undefined ? payload : withValue(payload, compiled.key, KEY);
  const threshold = limit.kind === 'input' ? THRESHOLD : Number(rule?.threshold);
  const isBeside = limit.kind === 'input' && limit.name === property.name;
  const base = isBeside ? withValue({}, limit.path, THRESHOLD) : {};
  const first: AlarmMove[] =
    limit.kind === 'input' && !isBeside
      ? [{ kind: 'message', inputName: limit.name, payload: keyed(withValue({}, limit.path, THRESHOLD)) }]
      : [];
  const messages = [threshold - 1, threshold, threshold + 1].map((value): AlarmMove => {
    const payload = keyed(withValue(base, property.path, value));
    return { kind: 'message', inputName: property.name, payload };
  });
  const operators = CUSTOMER_ACTIONS.map(
    (name): AlarmMove => ({ kind: 'operator', action: name.toLowerCase() }),
  );
  return { first, moves: [...messages, ...operators, { kind: 'advance', seconds: SNOOZE }] };
}

/** Plays moves and records the results. */
class AlarmRecording {
  readonly #model: AlarmModel;
  readonly #models: readonly SimulatedModel[];
  readonly #simulator: Simulator;
  readonly #steps: JsonObject[] = [];
  readonly #states: string[] = [];
  #effects: AlarmEffect[] = [];
  #isRefused = false;

  constructor(models: readonly SimulatedModel[], model: AlarmModel, start: number) {
    this.#model = model;
    this.#models = models;
    this.#simulator = new Simulator({
      models,
      start,
      trace: false,
      onEvaluation: ({ effects }) => {
        this.#effects.push(...effects);
      },
      onRejection: ({ isCaused }) => {
        if (!isCaused) this.#isRefused = true;
      },
    });
  }

  /** Empty while there is no alarm. */
  get state(): string {
    return this.#simulator.find(this.#model, this.#key)?.state ?? '';
  }

  get #key(): string | undefined {
    return this.#model.compiled.key === undefined ? undefined : KEY;
  }

  play(move: AlarmMove): void {
    this.#effects = [];
    this.#isRefused = false;
    const step = this.#do(move);
    this.#steps.push(step);
    const { state } = this;
    if (state !== '' && state !== this.#states.at(-1)) this.#states.push(state);
    const expect: JsonObject =
      state === '' ? { exists: false } : { state, ...expectedActions(this.#effects) };
    this.#steps.push({ expect });
  }

  scenario(number: number): JsonObject {
    const { name, key } = this.#model.compiled;
    return {
      name: `${number}. ${name}: ${this.#states.join(', ') || 'no alarm'}`,
      ...addressOf(this.#model, this.#models),
      ...(key !== undefined && { key: KEY }),
      steps: this.#steps,
    };
  }

  #do(move: AlarmMove): JsonObject {
    switch (move.kind) {
      case 'advance':
        this.#simulator.advanceTo(this.#simulator.time + move.seconds * 1000);
        return { advance: move.seconds };
      case 'message': {
        const { inputName, payload } = move;
        this.#simulator.put({ inputName, messageId: undefined, payload: payloadOf(payload) });
        return { send: { input: inputName, payload, ...this.#refused() } };
      }
      case 'operator': {
        const seconds = move.action === 'snooze' ? SNOOZE : undefined;
        const action = readAction(move.action, seconds, undefined);
        if (typeof action !== 'string')
          this.#simulator.operate({ alarmModelName: this.#model.compiled.name, keyValue: this.#key, action });
        return {
          alarm: { action: move.action, ...(seconds !== undefined && { seconds }), ...this.#refused() },
        };
      }
    }
  }

  #refused(): { readonly rejected?: Json } {
    return this.#isRefused ? { rejected: true } : {};
  }
}
