import type { Limits } from '../../../limits.ts';
import type { Span } from '../../expression/index.ts';
import type { ExpressionSite } from './expression-site.ts';
import type { Subject } from './subject.ts';

export type FindingType =
  | 'supported-actions'
  | 'service-limits'
  | 'structure'
  | 'expression-syntax'
  | 'data-type'
  | 'referenced-data'
  | 'referenced-resource'
  /** Tripline's own, not the service's: never an ERROR, and never returned by the API. */
  | 'advice';

/**
 * One result of an analysis, as the API returns it (reference: analysis 2). An `ERROR` prevents a model from being
 * created.
 */
export interface Finding {
  readonly type: FindingType;
  readonly level: 'INFO' | 'WARNING' | 'ERROR';
  readonly message: string;
  readonly locations: readonly { readonly path: string }[];
  /** What the service's wording lacks: the position in the expression, and what was expected. */
  readonly detail?: string;
}

export interface AnalysisContext {
  readonly limits: Limits;
  readonly hasInput: (inputName: string) => boolean;
  /** How many detector models an input already feeds; absent when unknown. */
  readonly routesOf?: (inputName: string) => number;
  /** The model's key; absent when it has none, and for a definition alone. */
  readonly key?: string;
  /** The JSON paths of an input's attributes; absent when unknown. */
  readonly attributesOf?: (inputName: string) => readonly string[] | undefined;
}

/** One kind of finding. Each has its own file. */
export type Diagnostic = (subject: Subject, context: AnalysisContext) => readonly Finding[];

/** Returns an advice finding at one location. */
export function advice(level: 'INFO' | 'WARNING', path: string, message: string): Finding {
  return { type: 'advice', level, message, locations: [{ path }] };
}

/** Returns a WARNING at one or more locations. */
export function warning(type: FindingType, paths: readonly string[], message: string): Finding {
  return { type, level: 'WARNING', message, locations: paths.map((path) => ({ path })) };
}

/** Returns an ERROR at one location. */
export function error(type: FindingType, path: string, message: string, detail?: string): Finding {
  return { type, level: 'ERROR', message, locations: [{ path }], ...(detail !== undefined && { detail }) };
}

/** The part of an expression that a finding is about. A finding's location names only the event or action. */
export interface FindingSpan extends Span {
  /** `condition`, or the dotted name of the action's parameter. */
  readonly field: string;
}

/** Kept outside the findings, whose members are those of the API. */
const spans = new WeakMap<Finding, FindingSpan>();

/** Records which part of its expression a finding is about, by default all of it. Returns the finding. */
export function within(site: ExpressionSite, finding: Finding, span?: Span): Finding {
  const { start, end } = span ?? { start: 0, end: site.text.length };
  spans.set(finding, { field: site.field, start, end });
  return finding;
}

/** The part of an expression that a finding is about; undefined when it concerns more than one expression, or none. */
export function spanOfFinding(finding: Finding): FindingSpan | undefined {
  return spans.get(finding);
}
