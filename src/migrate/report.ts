import type { Place } from './node.ts';

/** The result of an import, as printed by `tripline import --json`. */
export interface Report {
  readonly files: readonly { readonly path: string; readonly format: Format }[];
  readonly inputs: readonly Resource[];
  readonly detectorModels: readonly Resource[];
  readonly alarmModels: readonly Resource[];
  readonly topicRules: readonly Resource[];
  readonly findings: readonly Finding[];
  readonly targets: readonly Target[];
}

export type Format =
  | 'api'
  | 'describe'
  | 'definition'
  | 'topic-rule'
  | 'cloudformation'
  | 'terraform'
  | 'pulumi'
  | 'sample';

export type Kind = 'input' | 'detectorModel' | 'alarmModel' | 'topicRule';

/** A resource as the request that creates it. */
export interface Resource {
  readonly kind: Kind;
  readonly name: string;
  readonly source: { readonly file: string; readonly resource?: string };
  readonly request: Readonly<Record<string, unknown>>;
  /** False if the structure of the request is not the API's, which prevents further checks. */
  readonly isWellFormed: boolean;
  /** Paths of the members that contain unresolved references. */
  readonly unresolvedPaths: readonly string[];
  /** The place of the request or of the member at a path; if unknown, the nearest enclosing one. */
  readonly placeOf: (path: string) => Origin;
}

/** The place of a request's member. */
export interface Origin {
  readonly place: Place;
  /** For a text, the place of the character at an index. */
  readonly at: (index: number) => Place;
}

export interface Finding {
  readonly level: 'ERROR' | 'WARNING' | 'INFO';
  readonly code: FindingCode;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** The logical id, or type and label; otherwise the resource's name. */
  readonly resource?: string;
  /** The kind of the resource in the API. */
  readonly kind?: Kind;
  readonly name?: string;
  /** The path in the request, or in the definition if `code` is `analysis`. */
  readonly path?: string;
  /** The unresolved reference or the missing input. */
  readonly reference?: string;
  /** The type of an analysis result. */
  readonly type?: string;
}

export type FindingCode =
  | 'syntax'
  | 'not-recognised'
  | 'nothing-found'
  | 'invalid'
  | 'duplicate'
  | 'parameter'
  | 'analysis'
  | 'missing-input'
  | 'unresolved'
  | 'missing-role'
  | 'unsupported'
  | 'unknown-member'
  | 'generated-name'
  | 'condition-false';

/** An external resource that a model's action uses. */
export interface Target {
  readonly type: string;
  readonly target: string;
  readonly usedBy: readonly string[];
}

/** All resources of a report, dependencies first. */
export function resourcesOf({
  inputs,
  detectorModels,
  alarmModels,
  topicRules,
}: Report): readonly Resource[] {
  return [...inputs, ...detectorModels, ...alarmModels, ...topicRules];
}

/** A resource as printed by `--json`. */
export function printable({ name, source, request }: Resource) {
  return { name, source, request };
}
