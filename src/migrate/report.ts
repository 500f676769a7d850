import type { Place } from './node.ts';

/** What an import found, as `tripline import --json` prints it. */
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

/** A resource, as the request that creates it. */
export interface Resource {
  readonly kind: Kind;
  readonly name: string;
  readonly source: { readonly file: string; readonly resource?: string };
  readonly request: Readonly<Record<string, unknown>>;
  /** False when members of the request have another form than the API's: it cannot be looked into any further. */
  readonly isWellFormed: boolean;
  /** The members whose texts hold unresolved references. */
  readonly unresolvedPaths: readonly string[];
  /** Where the request, or the member at a path of it, stands in its file: the nearest place that is known. */
  readonly placeOf: (path: string) => Origin;
}

/** Where a member of a request comes from. */
export interface Origin {
  readonly place: Place;
  /** For a text: where the character at an index of it stands. */
  readonly at: (index: number) => Place;
}

export interface Finding {
  readonly level: 'ERROR' | 'WARNING' | 'INFO';
  readonly code: FindingCode;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** The logical id, or type and label; else the name of the resource. */
  readonly resource?: string;
  /** The resource that it is about, as the API knows it. */
  readonly kind?: Kind;
  readonly name?: string;
  /** The place within the request, or within the definition for an `analysis`. */
  readonly path?: string;
  /** The unresolved reference, or the input that is missing. */
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

/** Something outside that an external action of a model is for. */
export interface Target {
  readonly type: string;
  readonly target: string;
  readonly usedBy: readonly string[];
}

/** All resources of a report, in the order in which they depend on each other. */
export function resourcesOf({
  inputs,
  detectorModels,
  alarmModels,
  topicRules,
}: Report): readonly Resource[] {
  return [...inputs, ...detectorModels, ...alarmModels, ...topicRules];
}

/** What `--json` prints of a resource. */
export function printable({ name, source, request }: Resource) {
  return { name, source, request };
}
