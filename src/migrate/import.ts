import { checkResources } from './check/check.ts';
import { markDuplicates } from './check/duplicates.ts';
import { cdkStacks } from './cloudformation/cdk.ts';
import type { Stack } from './cloudformation/stack.ts';
import { fileName, Templates } from './cloudformation/templates.ts';
import { TooLarge } from './compose.ts';
import { Findings } from './findings.ts';
import type { Body } from './hcl/ast.ts';
import { type Draft, makeResource } from './make-resource.ts';
import { mapScalars, type Node, type Source } from './node.ts';
import type { ImportOptions } from './options.ts';
import { readDocument } from './read/document.ts';
import { readTerraform } from './read/terraform.ts';
import { isTemplate, recognise } from './recognise.ts';
import type { Format, Kind, Report } from './report.ts';
import { sampleDraft } from './sample.ts';
import { TerraformModules } from './terraform/terraform.ts';
import { withMarks } from './unresolved.ts';

/** A file to import. */
export interface ImportFile extends Source {
  /** Given by the user rather than found in a folder. Its format must then be recognised. */
  readonly isNamed: boolean;
  /** Only resolves references from other files of its folder. */
  readonly isContext?: boolean;
}

export interface ImportInput {
  readonly files: readonly ImportFile[];
  readonly samples?: readonly { readonly inputName: string; readonly file: Source }[];
  /** Reads a file next to the given ones: nested templates, manifests. Returns undefined if it does not exist. */
  readonly read?: (path: string) => string | undefined;
}

export interface Imported extends Report {
  /** Parameters in the options that no file declares. */
  readonly undeclared: readonly string[];
}

/** The resources of one file, in the order of the files. */
interface Unit {
  readonly path: string;
  readonly drafts: () => readonly Draft[];
}

/**
 * Reads definitions in any supported format and builds the requests that create them (docs/migrating.md: What is read).
 * Pure: the caller supplies all texts.
 */
export function importTexts(input: ImportInput, options: ImportOptions = {}): Imported {
  const findings = new Findings();
  const files: { path: string; format: Format }[] = [];
  const texts = new Map(input.files.map(({ path, text }) => [path, text]));
  const read = (path: string) => {
    const text = texts.get(path) ?? input.read?.(path);
    return text === undefined ? undefined : withoutMark(text);
  };
  const templates = new Templates(options, findings, read);
  const modules = new TerraformModules(options, findings, templates, read);
  const bodies: { readonly path: string; readonly body: Body }[] = [];
  const stacks = cdkStacks(input.files, read);
  const units: Unit[] = [];

  for (const { isNamed, ...given } of input.files) {
    const source = { ...given, text: withoutMark(given.text) };
    if (!isNamed && (stacks.isPassedOver(source.path) || !isWorthReading(source))) continue;
    const body = readTerraform(source);
    if (body?.ok) {
      modules.add(source.path, body.body);
      if (given.isContext) continue;
      files.push({ path: source.path, format: 'terraform' });
      bodies.push({ path: source.path, body: body.body });
      units.push({ path: source.path, drafts: () => modules.drafts(source.path, body.body) });
      continue;
    }
    if (given.isContext) continue;
    const document = body ?? readDocument(source);
    if (!document.ok) {
      const { message, place } = document;
      if (isNamed || SEEMS_OURS.test(source.text)) {
        findings.add({ level: 'ERROR', code: 'syntax', message: `${source.path} is ${message}`, place });
      }
      continue;
    }
    let format: Format | undefined;
    for (const node of document.nodes) {
      const read = isTemplate(node) ? templateUnit(source, node) : documentUnit(source, node);
      if (read === undefined) continue;
      format ??= read.format;
      units.push(read.unit);
    }
    if (format !== undefined) files.push({ path: source.path, format });
    else if (isNamed) {
      const message = `${source.path} is not recognised: it contains no input, detector model, alarm model or topic rule`;
      findings.add({ level: 'ERROR', code: 'not-recognised', message, place: { source, start: 0, end: 0 } });
    }
  }
  for (const { inputName, file } of input.samples ?? []) {
    files.push({ path: file.path, format: 'sample' });
    units.push({ path: file.path, drafts: () => sampleDraft(inputName, file, findings) });
  }
  for (const { path, body } of bodies) unlessTooLarge(path, () => modules.stacks(path, body));
  templates.connect();
  for (const path of files.map(({ path }) => path)) {
    const nested = templates.nestedIn(path).filter((inner) => !files.some((file) => file.path === inner));
    const behind = files.findIndex((file) => file.path === path) + 1;
    files.splice(behind, 0, ...nested.map((inner) => ({ path: inner, format: 'cloudformation' }) as const));
  }

  const resources = markDuplicates(
    units
      .flatMap(({ path, drafts }) => unlessTooLarge(path, drafts) ?? [])
      .map((draft) => makeResource(draft, options, findings, templates.declared)),
    findings,
  );
  if (resources.length === 0) {
    findings.add({ level: 'ERROR', code: 'nothing-found', message: 'There is nothing to import' });
  }
  const targets = checkResources(resources, findings);
  const declared = templates.declared;
  const undeclared = [...(options.parameters?.keys() ?? [])].filter((name) => !declared.has(name));
  const of = (kind: Kind) => resources.filter((resource) => resource.kind === kind);
  return {
    files,
    inputs: of('input'),
    detectorModels: of('detectorModel'),
    alarmModels: of('alarmModel'),
    topicRules: of('topicRule'),
    findings: findings.list,
    targets,
    undeclared,
  };

  /** Returns undefined, and adds a finding, if a file expands to too much. */
  function unlessTooLarge<T>(path: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error;
      findings.add({
        level: 'ERROR',
        code: 'unsupported',
        message: `${path} cannot be imported: ${error.message}`,
      });
      return undefined;
    }
  }

  function templateUnit(source: Source, node: Parameters<Templates['add']>[1]) {
    const stack: Stack = templates.add(source, node, stacks.hintsOf(source.path));
    const drafts = () => (templates.isNested(stack) ? [] : templates.drafts(stack));
    return { format: 'cloudformation', unit: { path: source.path, drafts } } as const;
  }

  function documentUnit(source: Source, node: Node) {
    const recognition = recognise(node);
    if (recognition === undefined) return undefined;
    const { format, found, strange } = recognition;
    const drafts = () => {
      for (const { place } of strange) {
        const message = 'This element is not an input, detector model, alarm model or topic rule';
        findings.add({ level: 'ERROR', code: 'not-recognised', message, place });
      }
      return found.map(({ kind, node }) => ({
        kind,
        node: mapScalars(node, (scalar) => withMarks(scalar, options.resolve)),
        file: source.path,
        fallbackName: fileName(source.path),
      }));
    };
    return { format, unit: { path: source.path, drafts } };
  }
}

/** Whether a file found in a folder is worth reading. All Terraform files are, because others may refer to them. */
function isWorthReading({ path, text }: Source): boolean {
  return /\.tf(\.json)?$/.test(path) || MAY_BE_OURS.test(text);
}

const MAY_BE_OURS =
  /iot_?events|detector_?model|alarm_?(model|rule)|input_?definition|initial_?state_?name|topic_?rule|\bsql\b|Resources/i;

/** A file with syntax errors that was found in a folder is reported only if it matches. */
const SEEMS_OURS =
  /iot_?events|detector_?model|alarm_?model|input_?definition|initial_?state_?name|topic_?rule/i;

/** Removes a byte order mark. */
function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}
