import { actionProblems } from '../../core/alarm/action-problems.ts';
import { type AlarmModelSource, compileAlarmModel } from '../../core/alarm/compile.ts';
import { isProperty } from '../../core/alarm/sitewise.ts';
import { references } from '../../core/expression/index.ts';
import { takeApart } from '../../core/model/analysis/subject.ts';
import type { DetectorModelDefinition } from '../../core/model/definition.ts';
import { DEFAULT_LIMITS } from '../../limits.ts';
import type { Findings } from '../findings.ts';
import { ruleActions } from '../make-resource.ts';
import type { Resource, Target } from '../report.ts';
import { about, analyseResource, isInputName } from './analysis.ts';
import { pathOf } from './locate.ts';
import { actionsOf, targetsOf } from './targets.ts';

/** Analyses the models and reports missing inputs. Returns the targets of their actions. */
export function checkResources(resources: readonly Resource[], findings: Findings): readonly Target[] {
  const inputs = new Set(resources.flatMap(({ kind, name }) => (kind === 'input' ? [name] : [])));
  const models: Parameters<typeof targetsOf>[0][number][] = [];
  for (const resource of resources) {
    const { kind, request, isWellFormed } = resource;
    if (!isWellFormed) continue;
    if (kind === 'detectorModel') {
      const definition = request.detectorModelDefinition as DetectorModelDefinition;
      const context = { limits: DEFAULT_LIMITS, hasInput: isInputName };
      for (const finding of analyseResource(resource, context)) {
        if (finding.level !== 'INFO') findings.add(finding);
      }
      models.push({ resource, actions: actionsOf(definition) });
      for (const { name, path } of inputsReadBy(definition)) wants(resource, name, path);
    } else if (kind === 'alarmModel') {
      const source = { ...request, alarmModelVersion: '1' } as unknown as AlarmModelSource;
      for (const { name, path } of compileAlarm(resource, source, findings)) wants(resource, name, path);
      models.push({ resource, actions: source.alarmEventActions?.alarmActions ?? [] });
    } else if (kind === 'topicRule') {
      for (const { action, path } of ruleActions(request)) {
        const { inputName } = (action.iotEvents ?? {}) as { readonly inputName?: string };
        if (inputName !== undefined) wants(resource, inputName, `${path}.iotEvents.inputName`);
      }
    }
  }
  return targetsOf(models);

  function wants(resource: Resource, name: string, path: string): void {
    if (inputs.has(name) || !isInputName(name) || isProperty(name)) return;
    findings.add({
      level: 'WARNING',
      code: 'missing-input',
      ...about(resource),
      path,
      reference: name,
      message: `${resource.name} uses the input ${name}, which is not part of this import`,
      place: resource.placeOf(path).place,
    });
  }
}

/** The inputs that expressions read, each with the path of its first use. */
function inputsReadBy(
  definition: DetectorModelDefinition,
): { readonly name: string; readonly path: string }[] {
  const found = new Map<string, string>();
  for (const site of takeApart(definition, DEFAULT_LIMITS).expressions) {
    for (const { kind, name } of site.result.ok ? references(site.result.node) : []) {
      const isInput = kind === 'input' || kind === 'currentInput';
      if (isInput && !found.has(name)) found.set(name, `detectorModelDefinition.${pathOf(site)}`);
    }
  }
  return [...found].map(([name, path]) => ({ name, path }));
}

/** Returns the inputs of the alarm's rule. Reports what the service would refuse. */
function compileAlarm(resource: Resource, source: AlarmModelSource, findings: Findings) {
  const compiled = compileAlarmModel(source, DEFAULT_LIMITS);
  const problems = compiled.ok ? actionProblems(source, DEFAULT_LIMITS) : compiled.problems;
  for (const { path: around, message } of problems) {
    // A problem of an expression has the path of the enclosing structure and begins with the member's name.
    const member = /^(\w+): /.exec(message)?.[1];
    const path = member === undefined ? around : `${around}.${member}`;
    if (resource.unresolvedPaths.some((each) => each.startsWith(around))) continue;
    const { place } = resource.placeOf(path);
    findings.add({ level: 'ERROR', code: 'invalid', ...about(resource), path, message, place });
  }
  if (!compiled.ok) return [];
  return [...compiled.model.inputs.keys()].map((name) => ({
    name,
    path: 'alarmRule.simpleRule.inputProperty',
  }));
}
