import { type AlarmModelSource, compileAlarmModel } from '../../core/alarm/compile.ts';
import { isProperty } from '../../core/alarm/sitewise.ts';
import { references } from '../../core/expression/index.ts';
import { analyse } from '../../core/model/analysis/index.ts';
import { takeApart } from '../../core/model/analysis/subject.ts';
import type { DetectorModelDefinition } from '../../core/model/definition.ts';
import { DEFAULT_LIMITS } from '../../limits.ts';
import type { Findings } from '../findings.ts';
import { ruleActions } from '../make-resource.ts';
import type { Resource, Target } from '../report.ts';
import { actionsOf, targetsOf } from './targets.ts';

const INPUT_NAME = /^[a-zA-Z][a-zA-Z0-9_]{0,127}$/;

/** Analyses the models, and says which inputs they want and where their actions go. */
export function checkResources(resources: readonly Resource[], findings: Findings): readonly Target[] {
  const inputs = new Set(resources.flatMap(({ kind, name }) => (kind === 'input' ? [name] : [])));
  const models: Parameters<typeof targetsOf>[0][number][] = [];
  for (const resource of resources) {
    const { kind, request, isWellFormed } = resource;
    if (!isWellFormed) continue;
    if (kind === 'detectorModel') {
      const definition = request.detectorModelDefinition as DetectorModelDefinition;
      analyseModel(resource, definition, findings);
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
    if (inputs.has(name) || !INPUT_NAME.test(name) || isProperty(name)) return;
    findings.add({
      level: 'WARNING',
      code: 'missing-input',
      ...about(resource),
      path,
      reference: name,
      message: `${resource.name} reads the input ${name}, which is not part of this import`,
      place: resource.placeOf(inRequest(resource, path)).place,
    });
  }
}

/** Which resource a finding is about. */
function about({ source, kind, name }: Resource) {
  return { resource: source.resource ?? name, kind, name };
}

/** Paths of an analysis are relative to the definition. */
function inRequest({ kind }: Resource, path: string): string {
  return kind === 'detectorModel' ? `detectorModelDefinition.${path}` : path;
}

function analyseModel(resource: Resource, definition: DetectorModelDefinition, findings: Findings): void {
  const context = { limits: DEFAULT_LIMITS, hasInput: (name: string) => INPUT_NAME.test(name) };
  for (const { level, type, message, locations, detail } of analyse(definition, context)) {
    if (level === 'INFO') continue;
    const path = locations[0]?.path;
    if (comesOfUnresolved(resource, type, path)) continue;
    findings.add({
      level,
      code: 'analysis',
      type,
      ...about(resource),
      ...(path !== undefined && { path }),
      message: detail === undefined ? message : `${message}\n${detail}`,
      place: resource.placeOf(path === undefined ? 'detectorModelDefinition' : inRequest(resource, path))
        .place,
    });
  }
}

/** Each input that an expression reads, at the first place that does. */
function inputsReadBy(
  definition: DetectorModelDefinition,
): { readonly name: string; readonly path: string }[] {
  const found = new Map<string, string>();
  for (const { path, result } of takeApart(definition, DEFAULT_LIMITS).expressions) {
    for (const { kind, name } of result.ok ? references(result.node) : []) {
      if ((kind === 'input' || kind === 'currentInput') && !found.has(name)) found.set(name, path);
    }
  }
  return [...found].map(([name, path]) => ({ name, path }));
}

/** Members of actions that are no expressions: what is unresolved in them makes no expression wrong. */
const LITERALS = /\.(targetArn|queueUrl|functionArn|deliveryStreamName|inputName|mqttTopic)$/;

/** What an unresolved reference leads to has been said where the reference was reported. */
function comesOfUnresolved(resource: Resource, type: string, path: string | undefined): boolean {
  const inDefinition = resource.unresolvedPaths.filter((each) => each.startsWith('detectorModelDefinition.'));
  if (path === undefined)
    return type === 'structure' && inDefinition.some((each) => each.endsWith('.condition'));
  if (!['expression-syntax', 'data-type', 'referenced-resource'].includes(type)) return false;
  const around = `${inRequest(resource, path)}.`;
  return inDefinition.some((each) => {
    const within = each.startsWith(around) ? each.slice(around.length) : undefined;
    return within !== undefined && !within.includes('actions[') && !LITERALS.test(each);
  });
}

/** The inputs of the alarm's rule; what the service would refuse is reported. */
function compileAlarm(resource: Resource, source: AlarmModelSource, findings: Findings) {
  const compiled = compileAlarmModel(source, DEFAULT_LIMITS);
  if (compiled.ok) {
    return [...compiled.model.inputs.keys()].map((name) => ({
      name,
      path: 'alarmRule.simpleRule.inputProperty',
    }));
  }
  for (const { path, message } of compiled.problems) {
    if (resource.unresolvedPaths.some((each) => each.startsWith(path))) continue;
    const { place } = resource.placeOf(path);
    findings.add({ level: 'ERROR', code: 'invalid', ...about(resource), path, message, place });
  }
  return [];
}
