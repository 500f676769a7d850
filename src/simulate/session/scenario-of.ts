import type { AlarmEffect } from '../../core/alarm/types.ts';
import { parseJson, renderJson } from '../../core/expression/json.ts';
import type { Json } from '../../core/expression/value.ts';
import type { Rejection } from '../evaluation.ts';
import type { SimulatedModel } from '../models.ts';
import { isObject, type JsonObject } from '../payload.ts';
import { durationLiteral, expectedActions, expectedInstance } from '../scenario/expected.ts';
import { Simulator } from '../simulator.ts';
import { isoTime } from '../times.ts';
import type { SessionMove } from './session.ts';

export interface RecordedScenario {
  readonly name: string;
  readonly models: readonly SimulatedModel[];
  /** The paths of the models, relative to the folder of the scenario file. */
  readonly modelPaths: readonly string[];
  readonly start: number;
  readonly moves: readonly SessionMove[];
}

/** The text of a scenario file that does the same and expects what came of it. */
export function scenarioText({ name, models, modelPaths, start, moves }: RecordedScenario): string {
  const steps = stepsOf(models, start, moves).map((step) => `    ${renderJson(step)}`);
  const head = { models: [...modelPaths], start: isoTime(start), name };
  const members = Object.entries(head).map(([member, value]) => `  "${member}": ${renderJson(value)},`);
  return `{\n${members.join('\n')}\n  "steps": [\n${steps.join(',\n')}\n  ]\n}\n`;
}

function stepsOf(
  models: readonly SimulatedModel[],
  start: number,
  moves: readonly SessionMove[],
): JsonObject[] {
  const touched = new Map<string, readonly [SimulatedModel, string | undefined]>();
  let effects: AlarmEffect[] = [];
  let rejections: Rejection[] = [];
  const simulator = new Simulator({
    models,
    start,
    trace: false,
    onEvaluation: ({ model, keyValue, effects: more }) => {
      touched.set(`${model.compiled.name}\0${keyValue ?? ''}`, [model, keyValue]);
      effects.push(...more);
    },
    onRejection: (rejection) => {
      if (!rejection.isCaused) rejections.push(rejection);
    },
  });
  const steps: JsonObject[] = [];
  for (const move of moves) {
    touched.clear();
    effects = [];
    rejections = [];
    if (move.kind === 'advance') {
      steps.push({ advance: durationLiteral(move.to - simulator.time) });
      simulator.advanceTo(move.to);
    } else {
      simulator.put({ inputName: move.inputName, messageId: undefined, payload: move.text });
      const [rejection] = rejections;
      const send = { input: move.inputName, payload: payloadIn(move.text) };
      steps.push({ send: rejection === undefined ? send : { ...send, rejected: rejection.reason } });
    }
    const stands = [...touched.values()].map(([model, keyValue]): JsonObject => {
      const named: JsonObject = models.length === 1 ? {} : { model: model.compiled.name };
      const keyed: JsonObject = keyValue === undefined ? {} : { key: keyValue };
      return { ...named, ...keyed, ...expectedInstance(simulator, model, keyValue) };
    });
    const actions = expectedActions(effects);
    const [only] = stands;
    steps.push({
      expect: stands.length === 1 && only !== undefined ? { ...only, ...actions } : [...stands, actions],
    });
  }
  return steps;
}

/** The payload as a scenario has it: as a text where it is no object. */
function payloadIn(text: string): Json {
  const parsed = parseJson(text);
  return parsed.ok && isObject(parsed.value) ? parsed.value : text;
}
