import type { AlarmEffect, CustomerAction } from '../../core/alarm/types.ts';
import { parseJson, renderJson } from '../../core/expression/json.ts';
import type { Json } from '../../core/expression/value.ts';
import type { Rejection } from '../evaluation.ts';
import type { SimulatedModel } from '../models.ts';
import { isObject, type JsonObject } from '../payload.ts';
import { addressOf, durationLiteral, expectedActions, expectedInstance } from '../scenario/expected.ts';
import { Simulator } from '../simulator.ts';
import { isoTime } from '../times.ts';
import { instanceId } from './moment.ts';
import type { SessionMove } from './session.ts';

export interface RecordedScenario {
  readonly name: string;
  readonly models: readonly SimulatedModel[];
  /** The paths of the models, relative to the folder of the scenario file. */
  readonly modelPaths: readonly string[];
  readonly start: number;
  readonly moves: readonly SessionMove[];
}

/** The text of a scenario file that repeats the moves and expects their results. */
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
      touched.set(instanceId({ model, keyValue }), [model, keyValue]);
      effects.push(...more);
    },
    onRejection: (rejection) => {
      if (!rejection.isCaused) rejections.push(rejection);
    },
  });
  const keyed = (keyValue: string | undefined): JsonObject =>
    keyValue === undefined ? {} : { key: keyValue };
  /** Adds the expected rejection, if the message was rejected. */
  const marked = (step: JsonObject): JsonObject => {
    const [rejection] = rejections;
    return rejection === undefined ? step : { ...step, rejected: rejection.reason };
  };
  const steps: JsonObject[] = [];
  for (const move of moves) {
    touched.clear();
    effects = [];
    rejections = [];
    if (move.kind === 'advance') {
      steps.push({ advance: durationLiteral(move.to - simulator.time) });
      simulator.advanceTo(move.to);
    } else if (move.kind === 'operate') {
      simulator.operate(move);
      const { alarmModelName, keyValue, action } = move;
      const named = models.length > 1 ? { model: alarmModelName } : {};
      steps.push({ alarm: marked({ ...named, ...keyed(keyValue), ...actionIn(action) }) });
    } else {
      simulator.put({ inputName: move.inputName, messageId: undefined, payload: move.text });
      steps.push({ send: marked({ input: move.inputName, payload: payloadIn(move.text) }) });
    }
    const stands = [...touched.values()].map(([model, keyValue]) => ({
      ...addressOf(model, models),
      ...keyed(keyValue),
      ...expectedInstance(simulator, model, keyValue),
    }));
    const actions = expectedActions(effects);
    const [only] = stands;
    steps.push({
      expect: stands.length === 1 && only !== undefined ? { ...only, ...actions } : [...stands, actions],
    });
  }
  return steps;
}

function actionIn({ actionName, snoozeDuration, note }: CustomerAction): JsonObject {
  return {
    action: actionName.toLowerCase(),
    ...(snoozeDuration !== undefined && { seconds: snoozeDuration }),
    ...(note !== undefined && { note }),
  };
}

/** A payload as scenarios write it: as text if it is not an object. */
function payloadIn(text: string): Json {
  const parsed = parseJson(text);
  return parsed.ok && isObject(parsed.value) ? parsed.value : text;
}
