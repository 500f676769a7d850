import { describe, expect, test } from 'vitest';
import type { AlarmEffect } from '../../src/core/alarm/types.ts';
import { namedVariables } from '../../src/core/detector/variables.ts';
import { renderJson } from '../../src/core/expression/json.ts';
import type { Rejection } from '../../src/simulate/evaluation.ts';
import { prepareModel, type SimulatedModel } from '../../src/simulate/models.ts';
import { type Instance, Simulator } from '../../src/simulate/simulator.ts';
import { loadCases } from '../conformance/cases.ts';
import type { ModelCase, Step } from '../conformance/run.ts';

/*
 * The simulator runs the server's conformance cases. Excluded are cases about updating models and detectors, which a
 * simulation does not do, about refused models, and about chains of models.
 */

const START = 1_600_000_000_000;
const CASES = loadCases<{ readonly feature: string; readonly cases: readonly ModelCase[] }>('models').flatMap(
  ({ feature, cases }) => cases.map((each) => ({ ...each, name: `${feature}: ${each.name}` })),
);

const ERRORS: Readonly<Record<Rejection['reason'], string | undefined>> = {
  // An input that no model uses exists on the server.
  INPUT: undefined,
  PAYLOAD: 'InvalidRequestException',
  KEY: 'InvalidRequestException',
  LIMIT: 'InvalidRequestException',
  STATE: 'InvalidRequestException',
  // The server answers a duplicate as if it had been accepted.
  DUPLICATE: undefined,
};

function isForSimulator({ steps, models }: ModelCase): boolean {
  const asks = (step: Step) => step.updateModel ?? step.updateDetector ?? step.deleteDetector;
  // The server's harness does not report the messages of iotEvents actions.
  if (JSON.stringify(models).includes('"iotEvents"')) return false;
  return !steps.some(asks) && models.every((model) => prepareModel(model).ok);
}

const PLAYED = CASES.filter(isForSimulator);

test('most cases are about what a simulation does', () => {
  expect(PLAYED.length / CASES.length).toBeGreaterThan(0.75);
});

describe('the conformance cases in virtual time', () => {
  test.each(PLAYED)('$name', ({ models, steps }) => {
    const effects: AlarmEffect[] = [];
    const rejections: Rejection[] = [];
    let problems = 0;
    const simulator = new Simulator({
      models: models.map(prepared),
      start: START,
      trace: false,
      onEvaluation: (evaluation) => {
        effects.push(...evaluation.effects);
        problems += evaluation.problems.length;
      },
      onRejection: (rejection) => rejections.push(rejection),
    });
    for (const [index, step] of steps.entries()) {
      effects.length = 0;
      rejections.length = 0;
      problems = 0;
      simulator.advanceTo(START + step.at);
      const { message } = step;
      if (message !== undefined)
        simulator.put({ inputName: message.input, messageId: message.id, payload: message.payload });
      const where = `step ${index + 1}`;
      const find = (name: string, key: string) => {
        const model = simulator.models.find(({ compiled }) => compiled.name === name);
        return model && simulator.find(model, key === '' ? undefined : key);
      };
      for (const [model, keys] of Object.entries(step.state ?? {}))
        for (const [key, state] of Object.entries(keys)) expect(find(model, key)?.state, where).toBe(state);
      for (const [model, keys] of Object.entries(step.variables ?? {}))
        for (const [key, variables] of Object.entries(keys))
          expect(variablesOf(find(model, key)), where).toEqual(variables);
      for (const [model, keys] of Object.entries(step.timers ?? {}))
        for (const [key, timers] of Object.entries(keys))
          expect(timersOf(find(model, key)), where).toEqual(timers);
      for (const [model, keys] of Object.entries(step.absent ?? {}))
        for (const key of keys) expect(find(model, key), where).toBeUndefined();
      if (step.problems !== undefined) expect(problems, where).toBe(step.problems);
      if (step.actions !== undefined) {
        expect(
          effects.map(({ type }) => type),
          where,
        ).toEqual(step.actions.map(({ type }) => type));
        for (const [at, { text }] of step.actions.entries())
          if (text !== undefined) expect(effects[at]).toMatchObject({ payload: { text } });
      }
      const errors = rejections.map(({ reason }) => ERRORS[reason]).filter((code) => code !== undefined);
      if (step.error !== 'ResourceNotFoundException') expect(errors[0], where).toBe(step.error);
    }
  });
});

function prepared(model: ModelCase['models'][number]): SimulatedModel {
  const result = prepareModel(model);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join());
  return result.model;
}

function variablesOf(instance: Instance | undefined): Record<string, string> {
  if (instance?.detector === undefined || instance.model.kind !== 'detector') return {};
  const named = namedVariables(instance.model.compiled, instance.detector);
  return Object.fromEntries(named.map(([name, value]) => [name, renderJson(value)]));
}

function timersOf(instance: Instance | undefined): Record<string, number> {
  return Object.fromEntries((instance?.timers ?? []).map(({ name, expiresAt }) => [name, expiresAt - START]));
}
