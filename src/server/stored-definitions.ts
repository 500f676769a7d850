import { type RuleRecord, shownPayload } from '../ingest/rules/definition.ts';
import { readRuleRow } from '../ingest/rules/topic-rules.ts';
import type { Tag } from '../runtime/catalog/records.ts';
import { FORMAT, type Meta, wrongFormat } from '../runtime/embedded/migrations.ts';
import { below, META } from '../runtime/rows.ts';
import { type Store, StoreError } from '../store/store.ts';

/** A stored definition, with more members than the request that would create it. */
export interface StoredDefinition {
  readonly definition: Readonly<Record<string, unknown>>;
  readonly tags: readonly Tag[];
}

/** The definitions in a data directory in their newest versions, each list sorted by name. */
export interface StoredDefinitions {
  readonly inputs: readonly StoredDefinition[];
  readonly detectorModels: readonly StoredDefinition[];
  readonly alarmModels: readonly StoredDefinition[];
  readonly topicRules: readonly StoredDefinition[];
}

/**
 * Reads the definitions of a store that no host has open. Nothing is compiled, so that a model that keeps the server
 * from starting can be read as well. Rejects with StoreError.
 */
export async function readDefinitions(store: Store): Promise<StoredDefinitions> {
  const meta = await store.get(META);
  // Older formats store definitions in the same way.
  const format = meta === undefined ? FORMAT : (JSON.parse(meta) as Meta).format;
  if (format > FORMAT) throw wrongFormat(format);
  return {
    inputs: [...(await recordsIn(store, 'input')).values()].map(definitionOf),
    detectorModels: await modelsIn(store, 'model', 'version'),
    alarmModels: await modelsIn(store, 'alarm-model', 'alarm-version'),
    topicRules: await rulesIn(store),
  };
}

interface StoredRecord {
  readonly tags?: readonly Tag[];
  readonly [member: string]: unknown;
}

/** By the name in their keys; of several rows with the same name, the last one. */
async function recordsIn(store: Store, part: string): Promise<Map<string, StoredRecord>> {
  const records = new Map<string, StoredRecord>();
  for await (const [key, text] of store.scan(below(part)))
    records.set(key.split('/')[1] ?? '', read(key, text));
  return records;
}

async function modelsIn(store: Store, part: string, versionPart: string): Promise<StoredDefinition[]> {
  const newest = await recordsIn(store, versionPart);
  return [...(await recordsIn(store, part))].map(([name, record]) => {
    const version = newest.get(name);
    if (version === undefined) throw new StoreError('CORRUPT', `${part}/${name} has no version`);
    return definitionOf({ ...version, ...record });
  });
}

async function rulesIn(store: Store): Promise<StoredDefinition[]> {
  const rules: RuleRecord[] = [];
  for await (const [key, text] of store.scan(below('topic-rule'))) rules.push(readRuleRow(key, text));
  return rules.map(({ ruleName, payload, tags }) => ({
    definition: { ruleName, topicRulePayload: shownPayload(payload) },
    tags: tags.map(({ Key, Value }) => ({ key: Key, value: Value })),
  }));
}

function definitionOf({ tags = [], ...definition }: StoredRecord): StoredDefinition {
  return { definition, tags };
}

function read(key: string, text: string): StoredRecord {
  try {
    return JSON.parse(text) as StoredRecord;
  } catch (cause) {
    throw new StoreError('CORRUPT', `${key} cannot be read: ${text.slice(0, 80)}`, { cause });
  }
}
