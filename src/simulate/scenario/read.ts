import { isArray, renderJson } from '../../core/expression/json.ts';
import { comparable, numberOf } from '../../core/expression/numbers.ts';
import { isValue, type Json, renderText } from '../../core/expression/value.ts';
import { isObject, type JsonObject } from '../payload.ts';
import { parseDuration, parseTime } from '../times.ts';
import { fillIn, numbered } from './examples.ts';
import { isTest, TESTS } from './match.ts';
import type {
  Addressed,
  AlarmStep,
  Expectation,
  ExpectedRejection,
  Scenario,
  SendStep,
  SetDetectorStep,
  Step,
} from './types.ts';

/** The content of a scenario file apart from its scenarios. */
export interface ScenarioFile {
  /** As written in the file, relative to its folder. */
  readonly models: readonly string[];
  readonly parameters: ReadonlyMap<string, string>;
  readonly scenarios: readonly Scenario[];
}

/** A fault that the JSON Schema cannot express, with its path: `scenarios[0].steps[2].advance`. */
export interface GrammarFault {
  readonly path: string;
  readonly message: string;
}

/** The default start of a scenario, in milliseconds since the epoch. */
const START = 1_735_689_600_000;

/**
 * Reads the content of a scenario file that is valid according to the JSON Schema. Also returns the faults that the
 * schema cannot express: invalid times, placeholders and tests, and duplicate names.
 */
export function readScenarioFile(content: JsonObject): {
  readonly file: ScenarioFile;
  readonly faults: GrammarFault[];
} {
  const reader = new Reader(content);
  return { file: reader.file(), faults: reader.faults };
}

class Reader {
  readonly faults: GrammarFault[] = [];
  readonly #content: JsonObject;

  constructor(content: JsonObject) {
    this.#content = content;
  }

  file(): ScenarioFile {
    const { models, parameters, scenarios } = this.#content;
    const isSingle = scenarios === undefined;
    const sources = isSingle ? [this.#content] : list(scenarios).map(object);
    const expanded = sources.flatMap((source, index) =>
      this.#expand(source, isSingle ? '' : `scenarios[${index}]`, isSingle),
    );
    const names = numbered(expanded.map(({ name }) => name));
    this.#findDuplicateNames(expanded, isSingle);
    return {
      models: list(models).map(String),
      parameters: new Map(
        Object.entries(object(parameters)).map(([name, value]) => [name, text(value) ?? '']),
      ),
      scenarios: expanded.map(({ scenario }, index) => ({ ...scenario, name: names[index] ?? '' })),
    };
  }

  /** Rows of one table may have the same name, scenarios may not. */
  #findDuplicateNames(expanded: readonly Expanded[], isSingle: boolean): void {
    const first = new Map<string, string>();
    for (const { name, path } of expanded) {
      const earlier = first.get(name);
      if (earlier === undefined) first.set(name, path);
      else if (earlier !== path && !isSingle)
        this.#fault(
          `${path}.name`,
          `"${name}" is also the name of ${earlier}: names must be unique in a file`,
        );
    }
  }

  #expand(source: JsonObject, path: string, isSingle: boolean): Expanded[] {
    const { examples, name, steps } = source;
    if (examples === undefined) return [this.#scenario(source, path, isSingle)];
    return list(examples).map((row, index) => {
      const unknown = (column: string) =>
        this.#fault(below(path, `examples[${index}]`), `{{${column}}} is used, but the row has no ${column}`);
      const fill = (value: Json | undefined) => fillIn(value ?? null, object(row), unknown);
      const filled = { ...source, name: text(fill(name)) ?? '', steps: fill(steps) };
      const keyed = source.key === undefined ? filled : { ...filled, key: fill(source.key) };
      return this.#scenario(keyed, path, isSingle);
    });
  }

  #scenario(source: JsonObject, path: string, isSingle: boolean): Expanded {
    const name = text(source.name) ?? '';
    const fileTags = list(this.#content.tags).map(String);
    const own = isSingle ? [] : list(source.tags).map(String);
    const start = this.#content.start === undefined ? START : this.#time(this.#content.start, 'start');
    const scenario = {
      name,
      tags: [...new Set([...fileTags, ...own])],
      ...addressed(source),
      start,
      strict: this.#content.strict === true,
      steps: list(source.steps).map((step, index) =>
        this.#step(object(step), below(path, `steps[${index}]`)),
      ),
    };
    return { name, path, scenario };
  }

  #step(step: JsonObject, path: string): Step {
    const name = text(step.name);
    if (step.send !== undefined) {
      const messages = many(step.send).map((message, at) =>
        this.#send(message, placeOf(path, 'send', step.send, at)),
      );
      return { name, kind: 'send', messages, isList: isArray(step.send) };
    }
    if (step.advance !== undefined) {
      const duration = parseDuration(text(step.advance) ?? '');
      if (duration === undefined)
        this.#fault(
          `${path}.advance`,
          `${shown(step.advance)} is not a duration: seconds, or 500ms, 90s, 5m, 1h30m, 2d`,
        );
      return { name, kind: 'advance', duration: duration ?? 0 };
    }
    if (step.advanceTo !== undefined)
      return { name, kind: 'advanceTo', time: this.#time(step.advanceTo, `${path}.advanceTo`) };
    if (step.alarm !== undefined) return { name, kind: 'alarm', ...alarm(object(step.alarm)) };
    if (step.setDetector !== undefined)
      return { name, kind: 'setDetector', ...setDetector(object(step.setDetector)) };
    if (step.deleteDetector !== undefined)
      return { name, kind: 'deleteDetector', ...addressed(object(step.deleteDetector)) };
    const expectations = many(step.expect).map((given, at) => {
      this.#checkTests(given, placeOf(path, 'expect', step.expect, at));
      return expectation(given);
    });
    return { name, kind: 'expect', expectations, isList: isArray(step.expect ?? null) };
  }

  #send({ input, payload, messageId, rejected }: JsonObject, path: string): SendStep {
    const isUsable = typeof payload === 'string' || isObject(payload);
    if (!isUsable) this.#fault(`${path}.payload`, 'The payload is neither an object nor a text');
    return {
      input: text(input),
      payload: isUsable ? payload : '',
      messageId: text(messageId),
      rejected: rejection(rejected),
    };
  }

  #time(value: Json, path: string): number {
    const time = parseTime(text(value) ?? '');
    if (time === undefined)
      this.#fault(path, `${shown(value)} is not a time: 2026-01-31T12:00:00Z, or a number`);
    return time ?? START;
  }

  /** An object with any unknown test would never match. */
  #checkTests(value: Json, path: string): void {
    if (isArray(value)) {
      for (const [index, item] of value.entries()) this.#checkTests(item, `${path}[${index}]`);
    } else if (isTest(value)) {
      for (const [name, operand] of Object.entries(value)) this.#checkTest(name, operand, path);
    } else if (isObject(value)) {
      for (const [name, member] of Object.entries(value)) this.#checkTests(member, `${path}.${name}`);
    }
  }

  #checkTest(name: string, operand: Json, path: string): void {
    if (!Object.hasOwn(TESTS, name)) {
      this.#fault(path, `There is no test ${name}; there are ${Object.keys(TESTS).join(', ')}`);
    } else if (name === '$matches' && !isPattern(operand)) {
      this.#fault(path, `${text(operand)} is not a regular expression`);
    }
  }

  #fault(path: string, message: string): void {
    this.faults.push({ path, message });
  }
}

interface Expanded {
  readonly name: string;
  readonly path: string;
  readonly scenario: Scenario;
}

function alarm(given: JsonObject): AlarmStep {
  const { action, seconds, note, rejected } = given;
  return {
    ...addressed(given),
    action: text(action) ?? '',
    seconds: number(seconds),
    note: text(note),
    rejected: rejection(rejected),
  };
}

function setDetector(given: JsonObject): SetDetectorStep {
  const { state, variables, timers } = given;
  return {
    ...addressed(given),
    state: text(state) ?? '',
    variables: object(variables),
    timers: object(timers),
  };
}

function expectation(given: JsonObject): Expectation {
  const { exists, state, variables, allVariables, timers, allTimers, actions, actionsInclude } = given;
  return {
    ...addressed(given),
    exists: typeof exists === 'boolean' ? exists : undefined,
    state,
    variables: optional(variables),
    allVariables: optional(allVariables),
    timers: optional(timers),
    allTimers: optional(allTimers),
    actions: actions === undefined ? undefined : list(actions),
    actionsInclude: actionsInclude === undefined ? undefined : list(actionsInclude),
    noActions: given.noActions === true,
    noProblems: given.noProblems === true,
  };
}

function addressed({ model, kind, key }: JsonObject): Addressed {
  const modelKind = kind === 'detector' || kind === 'alarm' ? kind : undefined;
  return { model: text(model), modelKind, key: text(key) };
}

function rejection(rejected: Json | undefined): ExpectedRejection {
  return typeof rejected === 'string' ? (rejected as ExpectedRejection) : rejected === true;
}

// The schema has checked the types; these casts tell the compiler.

function list(value: Json | undefined): readonly Json[] {
  return value !== undefined && isArray(value) ? value : [];
}

function many(value: Json | undefined): readonly JsonObject[] {
  return value !== undefined && isArray(value) ? value.map(object) : [object(value)];
}

function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function optional(value: Json | undefined): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

function text(value: Json | undefined): string | undefined {
  return value !== undefined && isValue(value) ? renderText(value) : undefined;
}

/** For messages: a text as it is, anything else as JSON. */
function shown(value: Json): string {
  return text(value) ?? renderJson(value);
}

function number(value: Json | undefined): number | undefined {
  const found = value === undefined ? undefined : numberOf(value);
  return found === undefined ? undefined : Number(comparable(found));
}

function isPattern(operand: Json): boolean {
  try {
    new RegExp(String(operand));
    return typeof operand === 'string';
  } catch {
    // Only whether it throws matters.
    return false;
  }
}

function below(path: string, member: string): string {
  return path === '' ? member : `${path}.${member}`;
}

function placeOf(path: string, member: string, whole: Json | undefined, index: number): string {
  return whole !== undefined && isArray(whole) ? `${path}.${member}[${index}]` : `${path}.${member}`;
}
