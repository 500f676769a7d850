import { KINDS } from '../../migrate/fit/kinds.ts';
import type { Imported } from '../../migrate/import.ts';
import type { Finding, Kind, Resource } from '../../migrate/report.ts';
import { CommandError } from '../../server/usage-error.ts';
import type { ApiClient } from '../client.ts';
import { describe, type Held, knowsTopicRules, type Tag, tagsOf } from '../server-resources.ts';
import { create, isHeld, remove, removeTags, setTags, tagsIn, update } from './operations.ts';

export interface Applied {
  readonly kind: Kind;
  readonly name: string;
  readonly result: 'created' | 'updated' | 'unchanged' | 'failed' | 'skipped';
  readonly message?: string;
}

export interface ApplyOptions {
  /** Apply resources without an ERROR even if others have one. */
  readonly force: boolean;
  readonly keepDetectors: boolean;
}

export interface Application {
  readonly applied: readonly Applied[];
  /** The findings of the import, with the levels that they have when it is applied, and those of the server. */
  readonly findings: readonly Finding[];
}

/** A resource, and the server's resource of the same name. */
interface Step {
  readonly resource: Resource;
  readonly held: Held | undefined;
  readonly heldTags: readonly Tag[];
}

/**
 * Makes a server hold what was imported: creates what is absent, updates what differs, leaves alone what is equal. With
 * an ERROR nothing is applied, unless forced. When the server refuses a resource, what this run did for the same file is
 * taken back. Rejects with CommandError when the server does not answer.
 */
export async function applyImport(
  client: ApiClient,
  imported: Imported,
  options: ApplyOptions,
): Promise<Application> {
  const { inputs, detectorModels, alarmModels } = imported;
  const findings: Finding[] = await escalated(client, imported.findings);
  const hasRules = imported.topicRules.length === 0 || (await knowsTopicRules(client));
  if (!hasRules) findings.push(...imported.topicRules.map(noRules));
  const resources = [...inputs, ...detectorModels, ...alarmModels, ...(hasRules ? imported.topicRules : [])];
  const steps: Step[] = [];
  for (const resource of resources) {
    const { kind, name, request } = resource;
    const held = /^[\w-]+$/.test(name) ? await describe(client, kind, name) : undefined;
    const wantsTags = held !== undefined && tagsIn(kind, request).length > 0;
    steps.push({ resource, held, heldTags: wantsTags ? await tagsOf(client, held.arn) : [] });
    if (held !== undefined && IS_KEYED[kind] && request.key !== held.request.key) {
      findings.push(otherKey(resource, held));
    }
  }
  const run = new Run(client, options);
  const hasErrors = findings.some(({ level }) => level === 'ERROR');
  const isWrong = ({ kind, name }: Resource) =>
    findings.some((finding) => finding.level === 'ERROR' && finding.kind === kind && finding.name === name);
  for (const step of steps) {
    if (!hasErrors) await run.apply(step);
    else if (!options.force) run.skip(step.resource, 'nothing was applied because of the errors');
    else if (isWrong(step.resource)) run.skip(step.resource, 'it has errors');
    else await run.apply(step);
  }
  if (!hasRules) for (const rule of imported.topicRules) run.skip(rule, 'the server has no topic rules');
  return { applied: run.applied, findings };
}

/** The kinds whose key cannot be changed after their creation. */
const IS_KEYED: Readonly<Record<Kind, boolean>> = {
  input: false,
  detectorModel: true,
  alarmModel: true,
  topicRule: false,
};

/**
 * What only matters once it is applied becomes an ERROR: unresolved references other than roles, and inputs that do not
 * exist. An input that the server has is not missing.
 */
async function escalated(client: ApiClient, findings: readonly Finding[]): Promise<Finding[]> {
  const known = new Map<string, boolean>();
  const result: Finding[] = [];
  for (const finding of findings) {
    const { code, path, reference } = finding;
    let isError = code === 'unresolved' && !/(^|\.)roleArn$/.test(path ?? '');
    if (code === 'missing-input' && reference !== undefined) {
      const exists = known.get(reference) ?? (await describe(client, 'input', reference)) !== undefined;
      known.set(reference, exists);
      if (exists) continue;
      isError = true;
    }
    result.push(isError ? { ...finding, level: 'ERROR' } : finding);
  }
  return result;
}

function noRules({ kind, name, source }: Resource): Finding {
  const message = `The server has no topic rules: ${name} is skipped`;
  return { level: 'WARNING', code: 'unsupported', kind, name, resource: source.resource ?? name, message };
}

function otherKey(resource: Resource, held: Held): Finding {
  const { kind, name, source, request } = resource;
  const shown = (key: unknown) => (key === undefined ? 'no key' : `the key ${key}`);
  const has = `The ${KINDS[kind].words} ${name} exists with ${shown(held.request.key)}`;
  const message = `${has} and cannot be updated to ${shown(request.key)}; delete it first, or give this one another name`;
  const { place } = resource.placeOf('key');
  return {
    level: 'ERROR',
    code: 'invalid',
    kind,
    name,
    resource: source.resource ?? name,
    path: 'key',
    message,
    file: place.source.path,
  };
}

/** Applies one resource after the other, and remembers how to undo what it did. */
class Run {
  readonly #client: ApiClient;
  readonly #options: ApplyOptions;
  readonly #results = new Map<Resource, Applied>();
  /** By file, the latest one last. */
  readonly #undo = new Map<
    string,
    { readonly resource: Resource; readonly takeBack: () => Promise<void> }[]
  >();
  readonly #failedFiles = new Set<string>();

  constructor(client: ApiClient, options: ApplyOptions) {
    this.#client = client;
    this.#options = options;
  }

  get applied(): readonly Applied[] {
    return [...this.#results.values()];
  }

  skip(resource: Resource, message: string): void {
    this.#note(resource, 'skipped', message);
  }

  async apply(step: Step): Promise<void> {
    const { resource } = step;
    const { file } = resource.source;
    if (this.#failedFiles.has(file)) return this.skip(resource, `another resource of ${file} was refused`);
    try {
      if (step.held === undefined) await this.#create(resource);
      else await this.#update({ ...step, held: step.held });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      this.#note(resource, 'failed', error.message);
      this.#failedFiles.add(file);
      await this.#takeBack(file);
    }
  }

  async #create(resource: Resource): Promise<void> {
    const { kind, request } = resource;
    await create(this.#client, kind, request);
    this.#remember(resource, () => remove(this.#client, kind, request));
    this.#note(resource, 'created');
  }

  async #update({ resource, held, heldTags }: Step & { readonly held: Held }): Promise<void> {
    const { kind, request } = resource;
    const { keepDetectors } = this.#options;
    const changed = tagsIn(kind, request).filter(
      ({ key, value }) => !heldTags.some((tag) => tag.key === key && tag.value === value),
    );
    const isEqual = isHeld(kind, request, held.request);
    if (!isEqual) {
      await update(this.#client, kind, request, keepDetectors);
      this.#remember(resource, () => update(this.#client, kind, held.request, keepDetectors));
    }
    if (changed.length > 0) {
      await setTags(this.#client, kind, held.arn, changed);
      this.#remember(resource, () => this.#restoreTags(kind, held.arn, changed, heldTags));
    }
    this.#note(resource, isEqual && changed.length === 0 ? 'unchanged' : 'updated');
  }

  async #restoreTags(
    kind: Kind,
    arn: string,
    changed: readonly Tag[],
    before: readonly Tag[],
  ): Promise<void> {
    const keys = changed.map(({ key }) => key);
    const added = keys.filter((key) => !before.some((tag) => tag.key === key));
    await removeTags(this.#client, kind, arn, added);
    await setTags(
      this.#client,
      kind,
      arn,
      before.filter(({ key }) => keys.includes(key)),
    );
  }

  /** The latest first. A step that cannot be undone is reported, and the others are still undone. */
  async #takeBack(file: string): Promise<void> {
    for (const { resource, takeBack } of (this.#undo.get(file) ?? []).toReversed()) {
      try {
        await takeBack();
        this.skip(resource, `undone: another resource of ${file} was refused`);
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        this.#note(resource, 'failed', `it could not be undone: ${error.message}`);
      }
    }
  }

  #remember(resource: Resource, takeBack: () => Promise<void>): void {
    const { file } = resource.source;
    const list = this.#undo.get(file) ?? [];
    this.#undo.set(file, list);
    list.push({ resource, takeBack });
  }

  #note(resource: Resource, result: Applied['result'], message?: string): void {
    const { kind, name } = resource;
    this.#results.set(resource, { kind, name, result, ...(message !== undefined && { message }) });
  }
}
