import { analyse, type Finding } from '../../core/model/analysis/index.ts';
import { compileModel, type ModelSource } from '../../core/model/compile.ts';
import type { CompiledModel } from '../../core/model/compiled.ts';
import { Fault } from '../../runtime/fault.ts';
import { checkSize } from './definition-size.ts';
import type { Service } from './service.ts';

/**
 * The checks that every definition passes before it can run (spec: api 5, CreateDetectorModel): the analysis'
 * ERRORs and the limits.
 */
export function checkAndCompile(service: Service, source: ModelSource): CompiledModel {
  const { host, limits } = service;
  checkSize('Detector model', source.detectorModelDefinition, limits);
  const context = { limits, hasInput: (inputName: string) => host.catalog.inputs.has(inputName) };
  const errors = analyse(source.detectorModelDefinition, context).filter(({ level }) => level === 'ERROR');
  if (errors.length > 0) throw new Fault('InvalidRequestException', errors.map(render).join('\n'));
  const compiled = compileModel(source, limits);
  if (!compiled.ok) {
    const message = compiled.problems.map((problem) => `${problem.message} (${problem.path})`).join('\n');
    throw new Fault('InvalidRequestException', message);
  }
  for (const inputName of compiled.model.inputs.keys()) {
    const others = host.catalog.models
      .usersOf(inputName)
      .filter(({ record }) => record.detectorModelName !== source.detectorModelName);
    if (others.length < limits.detectorModelsPerInput) continue;
    const message = `Number of detector models of input ${inputName} exceeds the limit ${limits.detectorModelsPerInput}`;
    throw new Fault('LimitExceededException', message);
  }
  return compiled.model;
}

/** The service's wording, then where, then why. */
function render({ message, locations, detail }: Finding): string {
  const where = locations.length === 0 ? '' : ` (${locations.map(({ path }) => path).join(', ')})`;
  return `${message}${where}${detail === undefined ? '' : `\n${detail}`}`;
}
