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
  /** Ours, not the service's: never an ERROR, and not among the results of the API. */
  | 'advice';

/** One result of an analysis, as the API returns it (reference: analysis 2). `ERROR` keeps a model from being created. */
export interface Finding {
  readonly type: FindingType;
  readonly level: 'INFO' | 'WARNING' | 'ERROR';
  readonly message: string;
  readonly locations: readonly { readonly path: string }[];
  /** What the service's wording leaves out: where in the expression, and what was expected. */
  readonly detail?: string;
}

export interface AnalysisContext {
  readonly limits: Limits;
  readonly hasInput: (inputName: string) => boolean;
  /** How many detector models an input feeds already; not known where it is absent. */
  readonly routesOf?: (inputName: string) => number;
  /** The JSON paths of an input's attributes; not known where it is absent. */
  readonly attributesOf?: (inputName: string) => readonly string[] | undefined;
}

/** One kind of finding: one file each. */
export type Diagnostic = (subject: Subject, context: AnalysisContext) => readonly Finding[];

/** Something of ours at one place. */
export function advice(level: 'INFO' | 'WARNING', path: string, message: string): Finding {
  return { type: 'advice', level, message, locations: [{ path }] };
}

/** A WARNING, at one or several places. */
export function warning(type: FindingType, paths: readonly string[], message: string): Finding {
  return { type, level: 'WARNING', message, locations: paths.map((path) => ({ path })) };
}

/** An ERROR at one place. */
export function error(type: FindingType, path: string, message: string, detail?: string): Finding {
  return { type, level: 'ERROR', message, locations: [{ path }], ...(detail !== undefined && { detail }) };
}

/** The part of an expression that a finding is about: its place names the event or the action only. */
export interface FindingSpan extends Span {
  /** `condition`, or the dotted name of the action's parameter. */
  readonly field: string;
}

/** Kept beside the findings, whose members are those of the API. */
const spans = new WeakMap<Finding, FindingSpan>();

/** Notes which part of its expression a finding is about, the whole of it by default. Returns the finding. */
export function within(site: ExpressionSite, finding: Finding, span?: Span): Finding {
  const { start, end } = span ?? { start: 0, end: site.text.length };
  spans.set(finding, { field: site.field, start, end });
  return finding;
}

/** The part of an expression that a finding is about; undefined for one that is about more, or about no expression. */
export function spanOfFinding(finding: Finding): FindingSpan | undefined {
  return spans.get(finding);
}
