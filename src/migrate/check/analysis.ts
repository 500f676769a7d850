import {
  type AnalysisContext,
  advise,
  analyse,
  type Finding as Result,
} from '../../core/model/analysis/index.ts';
import { takeApart } from '../../core/model/analysis/subject.ts';
import type { DetectorModelDefinition } from '../../core/model/definition.ts';
import type { Found } from '../findings.ts';
import type { Resource } from '../report.ts';
import { locate } from './locate.ts';

/** Whether the API accepts the name for an input. */
export function isInputName(name: string): boolean {
  return /^[a-zA-Z][a-zA-Z0-9_]{0,127}$/.test(name);
}

/** Identifies the resource in a finding. */
export function about({ source, kind, name }: Resource) {
  return { resource: source.resource ?? name, kind, name };
}

/** Analyses a detector model. Returns findings with their places in the file, optionally with advice. */
export function analyseResource(resource: Resource, context: AnalysisContext, withAdvice = false): Found[] {
  const definition = resource.request.detectorModelDefinition as DetectorModelDefinition;
  const { expressions } = takeApart(definition, context.limits);
  const results = [...analyse(definition, context), ...(withAdvice ? advise(definition, context) : [])];
  return results
    .filter((result) => !isCausedByUnresolved(resource, result))
    .map((result): Found => {
      const { level, type, message, locations, detail } = result;
      const path = locations[0]?.path;
      return {
        level,
        code: 'analysis',
        type,
        ...about(resource),
        ...(path !== undefined && { path }),
        message: detail === undefined ? message : `${message}\n${detail}`,
        place: placeOf(resource, locate(result, expressions)),
      };
    });
}

function placeOf(resource: Resource, located: ReturnType<typeof locate>) {
  const { place, at } = resource.placeOf(inRequest(located?.path));
  // For a whole model or event, point only at its beginning.
  if (located === undefined || located.end === 0) return { ...place, end: place.start + 1 };
  const from = at(located.start);
  const to = located.end > located.start + 1 ? at(located.end - 1) : from;
  return to.source === from.source && to.end >= from.end ? { ...from, end: to.end } : from;
}

/** Prefixes a path of an analysis, which is relative to the definition. */
function inRequest(path: string | undefined): string {
  return path === undefined ? 'detectorModelDefinition' : `detectorModelDefinition.${path}`;
}

/** Members of actions that are never expressions. Unresolved references in them cannot cause errors in expressions. */
const LITERALS = /\.(targetArn|queueUrl|functionArn|deliveryStreamName|inputName|mqttTopic)$/;

/** True for a finding caused by an unresolved reference, which has its own finding. */
function isCausedByUnresolved(resource: Resource, { type, locations }: Result): boolean {
  const path = locations[0]?.path;
  const inDefinition = resource.unresolvedPaths.filter((each) => each.startsWith('detectorModelDefinition.'));
  if (path === undefined)
    return type === 'structure' && inDefinition.some((each) => each.endsWith('.condition'));
  if (!['expression-syntax', 'data-type', 'referenced-resource'].includes(type)) return false;
  const around = `${inRequest(path)}.`;
  return inDefinition.some((each) => {
    const within = each.startsWith(around) ? each.slice(around.length) : undefined;
    return within !== undefined && !within.includes('actions[') && !LITERALS.test(each);
  });
}
