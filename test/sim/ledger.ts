import type { Alarm, AlarmTrigger } from '../../src/core/alarm/types.ts';
import type { Detector } from '../../src/core/detector/types.ts';
import { namedVariables } from '../../src/core/detector/variables.ts';
import type { Evaluated, EvaluatedDetector } from '../../src/core/engine/running.ts';
import type { Slot } from '../../src/core/engine/slot.ts';
import { parseJson, renderJson } from '../../src/core/expression/json.ts';
import type { Json } from '../../src/core/expression/value.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import type { Catalog } from '../../src/runtime/catalog/catalog.ts';
import type { Execution } from '../../src/runtime/delivery/execution.ts';
import { ReferenceAlarm } from '../reference/alarm.ts';
import type { GeneratedModel } from './models.ts';
import {
  ReferenceDetector,
  type ReferenceEffect,
  type ReferenceTime,
  type ReferenceTrigger,
} from './reference.ts';

/** A violated guarantee. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

export interface SentMessage {
  readonly messageId: string;
  readonly inputName: string;
  readonly key: string;
  readonly text: string;
}

/** The expected state of a model for one key. */
interface Expected {
  readonly model: GeneratedModel;
  readonly key: string;
  detector: ReferenceDetector;
}

interface ExpectedEffect {
  readonly owner: string;
  readonly type: string;
  readonly text: string;
}

/** The time of an event: by the host's time, by the machine's clock, and in reality. */
interface Moment extends ReferenceTime {
  readonly real: number;
  /** The slot, where each has a time of its own. */
  readonly slot?: number;
}

/** What a host holds, read anew. */
export interface Held {
  readonly catalog: Pick<Catalog, 'models' | 'alarmModels'>;
  readonly slots: Iterable<Pick<Slot, 'instances'>>;
}

/** How far a machine's clock was ahead of the host's time from some real time on; milliseconds. */
export interface Ahead {
  readonly since: number;
  readonly ahead: number;
}

/** Maximum milliseconds until an evaluation is reported: the previous commit and its own. */
const PACE = 10_000;
/** Milliseconds by which the time recorded by a host may be behind. */
const NOTED = 120_000;
const HOUR = 3_600_000;

/** Alarms watch this attribute of the first input. */
export const ALARM = { name: 'Alarm', threshold: 5, target: 'arn:aws:sns:us-east-1:000000000000:alarms' };

/**
 * Bookkeeping of a simulation: what was sent, acknowledged, evaluated and delivered, and what should have been. The
 * order of evaluations is taken from the runtime; everything else is checked.
 */
export class Ledger {
  readonly #models: readonly GeneratedModel[];
  readonly #expected = new Map<string, Expected>();
  readonly #alarms = new Map<string, ReferenceAlarm>();
  /** Messages by id; those from iotEvents actions by their text. */
  readonly #sent = new Map<string, SentMessage>();
  /** `model messageId` or `model text` of each evaluation. */
  readonly #evaluated = new Set<string>();
  readonly #effects: ExpectedEffect[] = [];
  readonly #effectTexts = new Set<string>();
  readonly #arrivals = new Set<string>();
  readonly #acknowledged = new Set<string>();
  evaluations = 0;
  arrivals = 0;
  /** The time of the last evaluation, by the slots that have one of their own. */
  readonly #lastNow = new Map<number, number>();
  /**
   * Whether a start counted an unrecorded jump of the clock by a day as downtime. Actions waiting then exceed the age
   * limit and fail finally when their target fails (docs/decisions/014-time.md).
   */
  #wasAway = false;
  /** The time of the last durable evaluation. */
  #lastDurable = Number.NEGATIVE_INFINITY;
  #lead = 0;

  constructor(models: readonly GeneratedModel[]) {
    this.#models = models;
  }

  get effects(): number {
    return this.#effects.length;
  }

  send(message: SentMessage): void {
    this.#sent.set(message.messageId, message);
  }

  /** A new process; `lead` is how far the host's time is ahead of the real time. */
  begin(lead: number, now: number): void {
    // A process that dies before its first commit records nothing: its running time is lost when the clock is set back.
    if (now < this.#lastDurable - NOTED)
      throw new Violation(`the host's time went back from ${this.#lastDurable} to ${now} over a start`);
    this.#lead = lead;
    this.#lastNow.set(0, now);
    this.#wasAway ||= lead > DEFAULT_LIMITS.deliveryAge - HOUR;
  }

  acknowledge({ messageId, inputName }: SentMessage): void {
    this.#acknowledged.add(messageId);
    for (const { detectorModelName } of this.#readers(inputName)) {
      if (!this.#evaluated.has(`${detectorModelName} ${messageId}`))
        throw new Violation(`${messageId} was acknowledged before ${detectorModelName} had evaluated it`);
    }
  }

  /** A durable evaluation reported by the runtime. */
  observe(evaluated: Evaluated, time: Moment): void {
    const { now, real, slot = 0 } = time;
    const last = this.#lastNow.get(slot) ?? 0;
    if (now < last) throw new Violation(`the clock of the host ran back from ${last} to ${now}`);
    this.#lastNow.set(slot, now);
    this.#lastDurable = now;
    if (Math.abs(now - real - this.#lead) > PACE)
      throw new Violation(
        `the host's time is ${now - real - this.#lead} ms off since the start of the process`,
      );
    this.evaluations++;
    if (evaluated.kind === 'alarm')
      this.#observeAlarm(evaluated.keyValue ?? '', evaluated.trigger, evaluated.instance);
    else this.#observeDetector(evaluated, time);
  }

  #observeDetector({ model, keyValue: key = '', trigger, states }: EvaluatedDetector, time: Moment): void {
    const { now } = time;
    const name = model.compiled.name;
    const owner = `${name}/${key}`;
    if (trigger.type === 'Timer') {
      const next = this.#expected.get(owner)?.detector.nextTimer();
      const fired = `timer ${trigger.timerName} of ${owner} fired at ${now}`;
      if (next === undefined) throw new Violation(`${fired}, but none is running`);
      if (next.name !== trigger.timerName || next.due > now)
        throw new Violation(`${fired}, but ${next.name} is due next, at ${next.due}`);
      this.#apply(owner, { timerName: trigger.timerName }, time);
    } else {
      const { messageId, payload } = trigger;
      const inputName = this.#readerOf(name).inputName;
      this.#evaluateOnce(name, this.#identify(messageId, payload.text), owner);
      this.#apply(owner, { message: { inputName, payload: payload.value } }, time);
    }
    if (states === undefined) return;
    const expected = (this.#expected.get(owner) as Expected).detector.describe();
    const actual = describe(model.compiled, states.after);
    if (expected !== actual)
      throw new Violation(`${owner} is\n    ${actual}\n  and the reference says\n    ${expected}`);
  }

  #observeAlarm(key: string, trigger: AlarmTrigger, after: Alarm): void {
    if (trigger.type !== 'Message')
      throw new Violation(`the alarm ${key} was triggered by a ${trigger.type}`);
    const { messageId, payload } = trigger;
    this.#evaluateOnce(ALARM.name, this.#identify(messageId, payload.text), `${ALARM.name}/${key}`);
    this.#applyAlarm(key, payload.value);
    if (after.state !== this.#alarms.get(key)?.state)
      throw new Violation(`the alarm ${key} is ${after.state}, not ${this.#alarms.get(key)?.state}`);
  }

  /** The message's id, or its text when an iotEvents action sent it, since the runtime assigns that id. */
  #identify(messageId: string, text: string): string {
    const sent = this.#sent.get(messageId);
    if (sent !== undefined) {
      if (sent.text !== text) throw new Violation(`${messageId} was evaluated with another payload: ${text}`);
      return messageId;
    }
    if (!this.#effectTexts.has(text)) throw new Violation(`nobody sent ${text}`);
    return text;
  }

  #evaluateOnce(model: string, id: string, owner: string): void {
    const once = `${model} ${id}`;
    if (this.#evaluated.has(once)) throw new Violation(`${owner} evaluated ${id} twice`);
    this.#evaluated.add(once);
  }

  #apply(owner: string, trigger: ReferenceTrigger, time: Moment): void {
    const [name = '', key = ''] = owner.split('/');
    const expected = this.#expected.get(owner) ?? {
      model: this.#readerOf(name),
      key,
      detector: new ReferenceDetector(this.#readerOf(name)),
    };
    this.#expected.set(owner, expected);
    this.#expect(owner, expected.detector.evaluate(trigger, time));
  }

  #applyAlarm(key: string, payload: Json): void {
    const { v, s } = payload as { v: number; s: number };
    const alarm = this.#alarms.get(key) ?? new ReferenceAlarm({ acknowledgeFlow: false, enabled: true });
    this.#alarms.set(key, alarm);
    const before = alarm.state;
    alarm.value(v > ALARM.threshold);
    if (alarm.state === before) return;
    this.#expect(`${ALARM.name}/${key}`, [{ type: 'sns', text: `${key} ${s} alarm` }]);
  }

  #expect(owner: string, effects: readonly ReferenceEffect[]): void {
    for (const { type, text } of effects) {
      this.#effects.push({ owner, type, text });
      this.#effectTexts.add(text);
    }
  }

  /** A request reached a target. */
  arrive(text: string): void {
    this.arrivals++;
    this.#arrivals.add(text);
  }

  /**
   * Checks the state that a process finds after a crash: that of its last report, or the one after one more turn, which
   * was in progress and became durable without being reported. Of the messages in flight, that turn contained exactly
   * those whose ids are `accepted`. `aheads` is how far the machine's clock was ahead until then.
   */
  recover(
    { catalog, slots }: Held,
    inFlight: readonly SentMessage[],
    accepted: ReadonlySet<string>,
    aheads: readonly Ahead[],
  ): void {
    const found = new Map<string, Found>();
    for (const { active } of catalog.models.values()) {
      for (const slot of slots)
        for (const held of slot.instances(active.epoch)) {
          held.load();
          const { keyValue = '' } = held;
          const detector = held.instance as Detector;
          found.set(`${active.compiled.name}/${keyValue}`, {
            text: describe(active.compiled, detector),
            lastUpdateTime: detector.lastUpdateTime,
          });
        }
    }
    const alarms = new Map<string, string>();
    const alarmModel = catalog.alarmModels.get(ALARM.name)?.active;
    for (const slot of slots)
      for (const held of slot.instances(alarmModel?.epoch ?? -1)) {
        held.load();
        alarms.set(held.keyValue ?? '', (held.instance as Alarm).state);
      }
    for (const owner of this.#expected.keys())
      if (!found.has(owner)) throw new Violation(`${owner} is gone after the crash`);
    // Messages of iotEvents actions that the last turn may have delivered; they can include new ones.
    for (const [owner, actual] of [...found].sort(([a], [b]) => (a < b ? -1 : 1)))
      this.#adopt(
        owner,
        actual,
        inFlight.filter(({ messageId }) => accepted.has(messageId)),
        aheads,
      );
    this.#adoptAlarms(alarms, inFlight);
    for (const message of inFlight) this.#wholeOrNot(message);
  }

  /** Advances the reference to the state found, by at most one turn. */
  #adopt(owner: string, found: Found, accepted: readonly SentMessage[], aheads: readonly Ahead[]): void {
    const [name = '', key = ''] = owner.split('/');
    const known = this.#expected.get(owner)?.detector;
    const model = this.#readerOf(name);
    const own = this.#accepted(model, key, accepted);
    if (
      own.length === 0 &&
      known !== undefined &&
      known.describe() === found.text &&
      known.lastUpdateTime === found.lastUpdateTime
    )
      return;
    for (const [index, { since, ahead }] of aheads.entries()) {
      const time = { now: found.lastUpdateTime - ahead, wall: found.lastUpdateTime };
      const real = time.now - this.#lead;
      if (real < since || real > (aheads[index + 1]?.since ?? Number.POSITIVE_INFINITY)) continue;
      for (const order of arrangements([...own, ...this.#looped(model, key)])) {
        if (!own.every((each) => order.includes(each))) continue;
        const trial = known?.clone() ?? new ReferenceDetector(model);
        const effects = follow(trial, order, time, found);
        if (!matches(trial, found)) continue;
        for (const { id } of order) this.#evaluateOnce(name, id, owner);
        this.#expected.set(owner, { model, key, detector: trial });
        this.#expect(owner, effects);
        return;
      }
    }
    throw new Violation(
      `${owner} is after the crash\n    ${found.text} (${found.lastUpdateTime})\n  and the reference says\n    ` +
        `${known?.describe()} (${known?.lastUpdateTime})`,
    );
  }

  /** Messages that the turn must have contained. */
  #accepted(model: GeneratedModel, key: string, accepted: readonly SentMessage[]): Candidate[] {
    return accepted
      .filter((message) => message.inputName === model.inputName && message.key === key)
      .map(({ messageId, text }) => ({ id: messageId, payload: json(text) }))
      .filter(({ id }) => !this.#evaluated.has(`${model.detectorModelName} ${id}`));
  }

  /** Messages of iotEvents actions that the turn may have contained. */
  #looped(model: GeneratedModel, key: string): Candidate[] {
    if (model.inputName === this.#models[0]?.inputName) return [];
    return this.#effects
      .filter(({ type, text }) => type === 'iotEvents' && text.startsWith(`{"k":"${key}"`))
      .map(({ text }) => ({ id: text, payload: json(text) }))
      .filter(({ id }) => !this.#evaluated.has(`${model.detectorModelName} ${id}`));
  }

  #adoptAlarms(found: ReadonlyMap<string, string>, inFlight: readonly SentMessage[]): void {
    for (const { key, messageId, text, inputName } of inFlight) {
      const [first] = this.#readers(inputName);
      // The alarm reads the first model's input: either both have seen the message or neither.
      if (inputName !== this.#models[0]?.inputName || first === undefined) continue;
      if (!this.#evaluated.has(`${first.detectorModelName} ${messageId}`)) continue;
      if (this.#evaluated.has(`${ALARM.name} ${messageId}`)) continue;
      this.#evaluateOnce(ALARM.name, messageId, `${ALARM.name}/${key}`);
      this.#applyAlarm(key, json(text));
    }
    for (const [key, alarm] of this.#alarms)
      if (found.get(key) !== alarm.state)
        throw new Violation(`the alarm ${key} is ${found.get(key)} after the crash, not ${alarm.state}`);
  }

  /** All models that read an input evaluate a message in one commit. */
  #wholeOrNot({ messageId, inputName }: SentMessage): void {
    const models = this.#readers(inputName).map(({ detectorModelName }) => detectorModelName);
    const done = models.filter((model) => this.#evaluated.has(`${model} ${messageId}`));
    if (done.length > 0 && done.length < models.length)
      throw new Violation(`${messageId} was evaluated by ${done.join()} and not by the others`);
  }

  /** Called when nothing is in progress any more: everything required has happened, and nothing else. */
  close(now: number, slack: number, executions: readonly Execution[]): void {
    for (const [owner, { detector }] of this.#expected) {
      const next = detector.nextTimer();
      if (next !== undefined && next.due < now - slack)
        throw new Violation(`timer ${next.name} of ${owner}, due at ${next.due}, has not fired at ${now}`);
    }
    const givenUp = this.#wasAway ? executions.filter(({ status }) => status === 'FAILED').length : 0;
    let missing = 0;
    for (const { owner, type, text } of this.#effects) {
      if (type === 'iotEvents') this.#loopedOnce(text);
      else if (!this.#arrivals.has(text) && ++missing > givenUp)
        throw new Violation(`${type} ${text} of ${owner} never arrived`);
    }
    for (const text of this.#arrivals)
      if (!this.#effectTexts.has(text)) throw new Violation(`${text} arrived without a cause`);
    this.#checkExecutions(executions);
    this.#checkOrder();
  }

  #loopedOnce(text: string): void {
    const last = this.#models.at(-1)?.detectorModelName ?? '';
    if (!this.#evaluated.has(`${last} ${text}`)) throw new Violation(`${text} never came to its input`);
  }

  /** Each action is one execution with one id, and delivered. */
  #checkExecutions(executions: readonly Execution[]): void {
    if (executions.length !== this.#effects.length)
      throw new Violation(`${executions.length} executions of ${this.#effects.length} actions`);
    const ids = new Set(executions.map(({ actionExecutionId }) => actionExecutionId));
    if (ids.size !== executions.length) throw new Violation('two executions have one id');
    const open = executions.find(
      ({ status }) => status !== 'DELIVERED' && !(this.#wasAway && status === 'FAILED'),
    );
    if (open !== undefined) throw new Violation(`an execution is ${open.status}: ${JSON.stringify(open)}`);
  }

  /** For each detector and target, first arrivals are in order. */
  #checkOrder(): void {
    const lanes = new Map<string, string[]>();
    const laneOf = new Map(this.#effects.map(({ owner, type, text }) => [text, `${owner} ${type}`]));
    for (const text of this.#arrivals) {
      const lane = laneOf.get(text) ?? '';
      lanes.set(lane, [...(lanes.get(lane) ?? []), text]);
    }
    for (const [lane, texts] of lanes) {
      const expected = this.#effects
        .filter(
          ({ owner, type, text }) =>
            `${owner} ${type}` === lane && !(this.#wasAway && !this.#arrivals.has(text)),
        )
        .map(({ text }) => text);
      const wrong = texts.findIndex((text, index) => text !== expected[index]);
      if (wrong >= 0) throw new Violation(`to ${lane} came ${texts[wrong]} in place of ${expected[wrong]}`);
    }
  }

  #readers(inputName: string): readonly GeneratedModel[] {
    return this.#models.filter((model) => model.inputName === inputName);
  }

  #readerOf(name: string): GeneratedModel {
    return this.#models.find(({ detectorModelName }) => detectorModelName === name) as GeneratedModel;
  }
}

/** Advances a detector by one turn: due timers, then these messages. */
function follow(
  trial: ReferenceDetector,
  order: readonly Candidate[],
  time: ReferenceTime,
  found: Found,
): ReferenceEffect[] {
  const effects: ReferenceEffect[] = [];
  // Timers come first in a turn.
  for (let next = trial.nextTimer(); next !== undefined && next.due <= time.now; next = trial.nextTimer()) {
    effects.push(...trial.evaluate({ timerName: next.name }, time));
    if (order.length === 0 && matches(trial, found)) break;
  }
  const { inputName } = trial;
  for (const { payload } of order) effects.push(...trial.evaluate({ message: { inputName, payload } }, time));
  return effects;
}

interface Found {
  readonly text: string;
  readonly lastUpdateTime: number;
}

interface Candidate {
  readonly id: string;
  readonly payload: Json;
}

function matches(detector: ReferenceDetector, { text, lastUpdateTime }: Found): boolean {
  return detector.lastUpdateTime === lastUpdateTime && detector.describe() === text;
}

/** Every ordered selection of candidates, up to `most`: a turn may have contained any of them. */
function* arrangements(candidates: readonly Candidate[], most = 3): Generator<readonly Candidate[]> {
  let longest: (readonly Candidate[])[] = [[]];
  yield [];
  for (let length = 1; length <= Math.min(most, candidates.length); length++) {
    const longer: (readonly Candidate[])[] = [];
    for (const order of longest)
      for (const each of candidates) {
        if (order.includes(each)) continue;
        const next = [...order, each];
        yield next;
        longer.push(next);
      }
    longest = longer;
  }
}

function describe(model: Parameters<typeof namedVariables>[0], detector: Detector): string {
  const variables = namedVariables(model, detector).map(([name, value]) => `${name}=${renderJson(value)}`);
  const timers = detector.timers.map(({ name, expiresAt, status }) => `${name}@${expiresAt} ${status}`);
  const attributes = model.attributes.flat().flatMap(({ name, place }) => {
    const value = detector.at(place);
    return value === undefined ? [] : [`${name}=${renderJson(value)}`];
  });
  const state = model.states[detector.state]?.name ?? '';
  return [state, ...variables.sort(), ...timers.sort(), ...attributes.sort()].join(' ');
}

function json(text: string): Json {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.message}`);
  return parsed.value;
}
