import { readdirSync } from 'node:fs';
import { parse, visit } from '../../src/core/expression/index.ts';
import { numberOf, toDouble } from '../../src/core/expression/numbers.ts';
import type {
  DetectorModelDefinition,
  Event,
  State,
  TransitionEvent,
} from '../../src/core/model/definition.ts';
import { generateSuite } from '../../src/simulate/generate/suite.ts';
import type { DetectorModelRequest, SimulatedModel } from '../../src/simulate/models.ts';
import { prepareModel } from '../../src/simulate/models.ts';
import { readScenarioFile } from '../../src/simulate/scenario/read.ts';
import { runScenario } from '../../src/simulate/scenario/run.ts';

/*
 * Measures how many faulty versions of a model its generated scenarios detect. The faults are planted in the text of
 * the definition, independently of those that the search plants in compiled models: conditions negated, actions
 * dropped, limits moved, transitions redirected, timers longer.
 */

export interface Measured {
  readonly name: string;
  readonly scenarios: number;
  readonly missed: readonly string[];
  readonly mutants: number;
  readonly survivors: readonly string[];
  readonly milliseconds: number;
}

/** Generates scenarios for a model and runs them on every faulty version. */
export function measure(request: DetectorModelRequest): Measured {
  const began = performance.now();
  const suite = generateSuite([prepared(request)]);
  const milliseconds = Math.round(performance.now() - began);
  const { file, faults } = readScenarioFile({ models: ['m'], scenarios: suite.scenarios });
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
  const passes = (model: SimulatedModel) =>
    file.scenarios.every((scenario) => {
      try {
        return runScenario(scenario, [model]).length === 0;
      } catch {
        // A model without its only use of an input refuses the input's messages: detected.
        return false;
      }
    });
  if (!passes(prepared(request))) throw new Error('The generated scenarios do not pass');
  const mutants = mutantsOf(request);
  const survivors = mutants.filter(({ definition }) => {
    const result = prepareModel({ ...request, detectorModelDefinition: definition });
    return result.ok && passes(result.model);
  });
  return {
    name: request.detectorModelName,
    scenarios: suite.scenarios.length,
    missed: suite.missed,
    mutants: mutants.length,
    survivors: survivors.map(({ what }) => what),
    milliseconds,
  };
}

function prepared(request: DetectorModelRequest): SimulatedModel {
  const result = prepareModel(request);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('; '));
  return result.model;
}

interface DefinitionMutant {
  readonly what: string;
  readonly definition: DetectorModelDefinition;
}

function mutantsOf({ detectorModelDefinition: definition }: DetectorModelRequest): DefinitionMutant[] {
  return definition.states.flatMap((state, index) => {
    const withState = (changed: State) => ({ ...definition, states: definition.states.with(index, changed) });
    return [
      ...groupMutants(state.onEnter?.events ?? [], `states[${index}].onEnter.events`, definition).map(
        ([what, events]) => ({
          what,
          definition: withState({ ...state, onEnter: { events } }),
        }),
      ),
      ...groupMutants(state.onInput?.events ?? [], `states[${index}].onInput.events`, definition).map(
        ([what, events]) => ({
          what,
          definition: withState({ ...state, onInput: { ...state.onInput, events } }),
        }),
      ),
      ...groupMutants(
        state.onInput?.transitionEvents ?? [],
        `states[${index}].onInput.transitionEvents`,
        definition,
      ).map(([what, transitionEvents]) => ({
        what,
        definition: withState({ ...state, onInput: { ...state.onInput, transitionEvents } }),
      })),
      ...groupMutants(state.onExit?.events ?? [], `states[${index}].onExit.events`, definition).map(
        ([what, events]) => ({
          what,
          definition: withState({ ...state, onExit: { events } }),
        }),
      ),
    ];
  });
}

function groupMutants<E extends Event>(
  events: readonly E[],
  path: string,
  { states }: DetectorModelDefinition,
): [what: string, events: E[]][] {
  return events.flatMap((event, index) => {
    const place = `${path}[${index}] "${event.eventName}"`;
    const isVisible = 'nextState' in event || (event.actions ?? []).length > 0;
    const changed = (what: string, change: Partial<TransitionEvent>): [string, E[]] => {
      return [`${place}: ${what}`, events.with(index, { ...event, ...change })];
    };
    return [
      // Whether an event without actions occurs cannot be observed from outside.
      ...(isVisible ? conditions(event.condition) : []).map(([what, condition]) =>
        changed(what, { condition }),
      ),
      ...(event.actions ?? []).flatMap((action, at) => {
        const all = event.actions ?? [];
        const dropped = changed(`action ${at} dropped`, { actions: all.toSpliced(at, 1) });
        const { setTimer } = action;
        if (setTimer === undefined) return [dropped];
        const { seconds, durationExpression = '0', timerName } = setTimer;
        const longer =
          seconds === undefined
            ? { timerName, durationExpression: `(${durationExpression}) + 60` }
            : { timerName, seconds: seconds + 60 };
        return [
          dropped,
          changed(`action ${at}: longer timer`, { actions: all.with(at, { setTimer: longer }) }),
        ];
      }),
      ...('nextState' in event
        ? states
            .filter(({ stateName }) => stateName !== event.nextState)
            .map(({ stateName }) => changed(`leads to ${stateName}`, { nextState: stateName }))
        : []),
    ];
  });
}

function conditions(text: string | undefined): [what: string, condition: string][] {
  const parsed = text === undefined || text === '' ? undefined : parse(text);
  if (text === undefined || !parsed?.ok) return [];
  const found: [string, string][] = [['negated', `!(${text})`]];
  visit(parsed.node, (node) => {
    if (node.kind !== 'binary' || !['==', '!=', '<', '<=', '>', '>='].includes(node.operator)) return;
    for (const side of [node.left, node.right]) {
      const number = side.kind === 'literal' ? numberOf(side.value) : undefined;
      if (number === undefined) continue;
      const value = toDouble(number);
      const isWhole = /^-?\d+$/.test(text.slice(side.start, side.end));
      // Whole numbers are often counts; others are measurements.
      for (const other of isWhole ? [value + 1, value - 1] : [value * 1.1 + 1, value * 0.9 - 1]) {
        const literal = isWhole ? `${other}` : other.toFixed(3);
        const written = literal.startsWith('-') ? `(${literal})` : literal;
        found.push([
          `limit ${value} moved to ${literal}`,
          `${text.slice(0, side.start)}${written}${text.slice(side.end)}`,
        ]);
      }
    }
  });
  return found;
}

/** The detector models of our templates. */
export function templateNames(): string[] {
  return readdirSync(new URL('../../templates/', import.meta.url)).sort();
}
