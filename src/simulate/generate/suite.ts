import type { AlarmEffect } from '../../core/alarm/types.ts';
import type { SimulatedModel } from '../models.ts';
import { type JsonObject, payloadOf } from '../payload.ts';
import { addressOf, durationLiteral, expectedActions, expectedInstance } from '../scenario/expected.ts';
import { Simulator } from '../simulator.ts';
import { alarmScenarios } from './alarms.ts';
import { KEY, type Move } from './moves.ts';
import { wantedBy } from './play.ts';
import { type Path, searchPaths } from './search.ts';

/** Generated scenarios: the content of a scenario file without its models. */
export interface GeneratedSuite {
  readonly scenarios: readonly JsonObject[];
  /** Transitions that were not reached, as `"event" of State in Model`. */
  readonly missed: readonly string[];
}

/** 2025-01-01T00:00:00.000Z, the default start of scenarios. */
const START = 1_735_689_600_000;

/** Generates scenarios for the models. They expect what the models currently do together. */
export function generateSuite(models: readonly SimulatedModel[]): GeneratedSuite {
  const scenarios: JsonObject[] = [];
  const missed: string[] = [];
  for (const model of models) {
    if (model.kind === 'alarm') {
      scenarios.push(...alarmScenarios(models, model, START, scenarios.length + 1));
      continue;
    }
    const { compiled, source } = model;
    const found = searchPaths(compiled, source.detectorModelDefinition, { start: START });
    for (const { name, transitions } of compiled.states)
      for (const transition of transitions)
        if (found.missed.includes(transition.place))
          missed.push(`"${transition.name}" of ${name} in ${compiled.name} (${transition.place})`);
    for (const path of found.paths)
      scenarios.push(new Recording(models, model).play(path, scenarios.length + 1));
  }
  return { scenarios, missed };
}

type DetectorModel = SimulatedModel & { readonly kind: 'detector' };

/** Plays a path and records the results. */
class Recording {
  readonly #model: DetectorModel;
  readonly #models: readonly SimulatedModel[];
  readonly #simulator: Simulator;
  readonly #states: string[] = [];
  #effects: AlarmEffect[] = [];
  /** Whether a model, also another than the one of the scenario, has rejected the message. */
  #isRejected = false;

  constructor(models: readonly SimulatedModel[], model: DetectorModel) {
    this.#model = model;
    this.#models = models;
    this.#simulator = new Simulator({
      models,
      start: START,
      trace: false,
      onEvaluation: ({ effects, model: evaluated, stateAfter }) => {
        this.#effects.push(...effects);
        if (evaluated === model && this.#states.at(-1) !== stateAfter) this.#states.push(stateAfter);
      },
      onRejection: ({ isCaused }) => {
        if (!isCaused) this.#isRejected = true;
      },
    });
  }

  play(path: Path, number: number): JsonObject {
    const steps: JsonObject[] = [];
    const keyValue = this.#model.compiled.key === undefined ? undefined : KEY;
    for (const move of path) {
      this.#effects = [];
      if (move.kind === 'set') {
        const { stateName: state, variables, timers } = move;
        steps.push({ setDetector: { state, variables, timers } });
        this.#set(move);
        continue;
      }
      if (move.wait > 0) {
        steps.push({ advance: durationLiteral(move.wait) });
        this.#simulator.advanceTo(this.#simulator.time + move.wait);
      }
      if (move.kind === 'message') {
        const { inputName, payload } = move;
        this.#isRejected = false;
        this.#simulator.put({ inputName, messageId: undefined, payload: payloadOf(payload) });
        const rejected: JsonObject = this.#isRejected ? { rejected: true } : {};
        steps.push({ send: { input: inputName, payload, ...rejected } });
      }
      const instance = expectedInstance(this.#simulator, this.#model, keyValue);
      steps.push({
        expect: instance.exists === false ? instance : { ...instance, ...expectedActions(this.#effects) },
      });
    }
    const { key } = this.#model.compiled;
    const model = addressOf(this.#model, this.#models);
    const keyed: JsonObject = key === undefined ? {} : { key: KEY };
    return { name: `${number}. ${this.#states.join(', ')}`, ...model, ...keyed, steps };
  }

  #set(move: Move & { kind: 'set' }): void {
    const { compiled } = this.#model;
    const key = compiled.key === undefined ? undefined : KEY;
    this.#simulator.setDetector(this.#model, key, wantedBy(move));
    this.#states.push(move.stateName);
  }
}
