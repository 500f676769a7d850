import { analyseInSteps, type Finding } from '../../core/model/analysis/index.ts';
import {
  type CompiledDefinitionResult,
  compileInSteps,
  type ModelSource,
  modelOf,
} from '../../core/model/compile.ts';
import type { CompiledModel } from '../../core/model/compiled.ts';
import type { DetectorModelDefinition } from '../../core/model/definition.ts';
import { finish, type Steps } from '../../core/model/steps.ts';
import type { Limits } from '../../limits.ts';
import { Fault } from '../fault.ts';
import type { Catalog } from './catalog.ts';
import { checkSize } from './definition-size.ts';

/** What the analysis and the compiler say of a definition. */
export interface CheckedDefinition {
  readonly findings: readonly Finding[];
  readonly compiled: CompiledDefinitionResult;
  /** The inputs that it names, and whether there were such ones. */
  readonly inputs: ReadonlyMap<string, boolean>;
}

/** Checks and compiles a definition before the turn that publishes it, so that nobody waits for that. */
export function* checkInSteps(
  definition: DetectorModelDefinition,
  catalog: Catalog,
  limits: Limits,
): Steps<CheckedDefinition> {
  const inputs = new Map<string, boolean>();
  const hasInput = (inputName: string) => {
    const isThere = catalog.inputs.has(inputName);
    inputs.set(inputName, isThere);
    return isThere;
  };
  const findings = yield* analyseInSteps(definition, { limits, hasInput });
  const compiled = yield* compileInSteps(definition, limits);
  return { findings, compiled, inputs };
}

/**
 * Compiles a definition after checking it (reference: api 5, CreateDetectorModel): no finding of level ERROR, and
 * within the limits. `before` is what checking that definition has given, if that was done. Throws Fault.
 */
export function checkAndCompile(
  catalog: Catalog,
  source: ModelSource,
  limits: Limits,
  before?: CheckedDefinition,
): CompiledModel {
  const { detectorModelDefinition: definition } = source;
  checkSize('Detector model', definition, limits);
  const isValid = before !== undefined && [...before.inputs].every(isAsIn(catalog));
  const { findings, compiled } = isValid ? before : finish(checkInSteps(definition, catalog, limits));
  const errors = findings.filter(({ level }) => level === 'ERROR');
  if (errors.length > 0) throw new Fault('InvalidRequestException', errors.map(render).join('\n'));
  if (!compiled.ok) {
    const message = compiled.problems.map((problem) => `${problem.message} (${problem.path})`).join('\n');
    throw new Fault('InvalidRequestException', message);
  }
  const model = modelOf(compiled.definition, source);
  for (const inputName of model.inputs.keys()) {
    const others = catalog
      .usersOf(inputName)
      .models.filter(({ record }) => record.detectorModelName !== source.detectorModelName);
    if (others.length < limits.detectorModelsPerInput) continue;
    const message = `Number of detector models of input ${inputName} exceeds the limit ${limits.detectorModelsPerInput}`;
    throw new Fault('LimitExceededException', message);
  }
  return model;
}

function isAsIn({ inputs }: Catalog) {
  return ([inputName, wasThere]: readonly [string, boolean]) => inputs.has(inputName) === wasThere;
}

/** The service's wording, then the location, then the reason. */
function render({ message, locations, detail }: Finding): string {
  const where = locations.length === 0 ? '' : ` (${locations.map(({ path }) => path).join(', ')})`;
  return `${message}${where}${detail === undefined ? '' : `\n${detail}`}`;
}
