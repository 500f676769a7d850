import { analyse, type Finding } from '../../core/model/analysis/index.ts';
import { compileModel, type ModelSource } from '../../core/model/compile.ts';
import type { CompiledModel } from '../../core/model/compiled.ts';
import type { Limits } from '../../limits.ts';
import { Fault } from '../fault.ts';
import type { Catalog } from './catalog.ts';
import { checkSize } from './definition-size.ts';

/**
 * Compiles a definition after checking it (reference: api 5, CreateDetectorModel): no finding of level ERROR, and
 * within the limits. Throws Fault.
 */
export function checkAndCompile(catalog: Catalog, source: ModelSource, limits: Limits): CompiledModel {
  checkSize('Detector model', source.detectorModelDefinition, limits);
  const context = { limits, hasInput: (inputName: string) => catalog.inputs.has(inputName) };
  const errors = analyse(source.detectorModelDefinition, context).filter(({ level }) => level === 'ERROR');
  if (errors.length > 0) throw new Fault('InvalidRequestException', errors.map(render).join('\n'));
  const compiled = compileModel(source, limits);
  if (!compiled.ok) {
    const message = compiled.problems.map((problem) => `${problem.message} (${problem.path})`).join('\n');
    throw new Fault('InvalidRequestException', message);
  }
  for (const inputName of compiled.model.inputs.keys()) {
    const others = catalog
      .usersOf(inputName)
      .models.filter(({ record }) => record.detectorModelName !== source.detectorModelName);
    if (others.length < limits.detectorModelsPerInput) continue;
    const message = `Number of detector models of input ${inputName} exceeds the limit ${limits.detectorModelsPerInput}`;
    throw new Fault('LimitExceededException', message);
  }
  return compiled.model;
}

/** The service's wording, then the location, then the reason. */
function render({ message, locations, detail }: Finding): string {
  const where = locations.length === 0 ? '' : ` (${locations.map(({ path }) => path).join(', ')})`;
  return `${message}${where}${detail === undefined ? '' : `\n${detail}`}`;
}
