import { type InstanceCommand, kindOf } from '../core/engine/commands.ts';
import type { KindName } from '../core/engine/kind.ts';
import type { Outcome } from '../core/engine/refusal.ts';
import { slotOf } from '../core/engine/routing.ts';
import { nameOfInstance, type RunningModel } from '../core/engine/running.ts';
import type { InstanceSummary, InstanceView } from '../core/engine/views.ts';
import type { Limits } from '../limits.ts';
import type { Catalog } from '../runtime/catalog/catalog.ts';
import type { DefinitionName, DefinitionRequest, DefinitionResult } from '../runtime/catalog/definitions.ts';
import { Fault } from '../runtime/fault.ts';
import type {
  Actions,
  Host,
  HostFigures,
  InstanceName,
  InstancePage,
  InstanceQuery,
  Observer,
} from '../runtime/host.ts';
import type { Log } from '../runtime/log.ts';
import type { IncomingMessage } from '../runtime/messages.ts';
import type { Admin } from './admin.ts';
import { Batches, type BatchOptions } from './batches.ts';
import { Catalogs, type CatalogVersion, rowOf } from './catalogs.ts';
import { ClusterActions } from './cluster-actions.ts';
import {
  type InstanceAnswer,
  type ListAnswer,
  SLOTS,
  type WireCommand,
  type WireOutcome,
} from './contract.ts';
import { asFault, type Ingress } from './ingress.ts';
import { IngressError } from './node-urls.ts';
import { outcomeOfMessage, routeMessage } from './routing.ts';
import { WorkerWatch } from './worker-watch.ts';

export interface RestateHostOptions {
  readonly ingress: Ingress;
  readonly admin: Admin;
  readonly limits: Limits;
  readonly log: Log;
  readonly batches: BatchOptions;
}

/** Milliseconds for which figures are cached. */
const FIGURES_AGE = 2000;
/** Attempts at a command that a slot finds to be made with an older catalog. */
const TRIES = 5;

/**
 * The host for a cluster: a stateless front that sends commands to the slots, which Restate stores and workers run. Any
 * number of fronts may serve the same cluster.
 */
export class RestateHost implements Host {
  readonly #options: RestateHostOptions;
  readonly #catalogs: Catalogs;
  readonly #batches: Batches;
  readonly #watch: WorkerWatch;
  readonly actions: Actions;
  #figures: HostFigures = NO_FIGURES;
  #figuresAt = Number.NEGATIVE_INFINITY;
  /** A slot has seen a newer catalog than this front. */
  #isBehind = true;

  constructor(options: RestateHostOptions) {
    this.#options = options;
    this.#catalogs = new Catalogs(options.limits, (request) => options.ingress.readCatalog(request));
    this.actions = new ClusterActions(options.admin, options.ingress);
    this.#watch = new WorkerWatch({
      ingress: options.ingress,
      log: options.log,
      modelOf: (epoch) => this.#runningModel(epoch),
    });
    this.#batches = new Batches(
      options.ingress,
      options.batches,
      () => this.#catalogs.seen.version,
      (version) => {
        if (version > this.#catalogs.seen.version) this.#isBehind = true;
      },
    );
  }

  async put(messages: readonly IncomingMessage[]): Promise<readonly Outcome[]> {
    const { queuedMessages: limit } = this.#options.limits;
    if (this.#batches.size + messages.length > limit) {
      const message = `More than ${limit} messages wait for evaluation; try again later`;
      return messages.map(() => ({ code: 'ThrottlingException', message }));
    }
    const { catalog } = this.#isBehind ? await this.#newest() : this.#catalogs.seen;
    return Promise.all(messages.map((message) => this.#put(catalog, message, TRIES)));
  }

  async #put(catalog: Catalog, message: IncomingMessage, tries: number): Promise<Outcome> {
    const { limits } = this.#options;
    const routed = routeMessage(catalog, message, limits.chainMessages, limits);
    if (routed.type === 'Refuse') return this.#refusal(routed.refusal, catalog, message, tries);
    const outcomes = await Promise.all(
      routed.commands.map(({ slot, command }) => this.#batches.add(slot, command)),
    );
    const outcome = outcomeOfMessage(routed.faults, outcomes);
    if (outcome !== 'Stale') return outcome;
    if (tries > 1) return this.#put((await this.#newest()).catalog, message, tries - 1);
    return { code: 'ServiceUnavailableException', message: 'The models keep changing; try again later' };
  }

  /** An input unknown to this front may have been created through another one. */
  async #refusal(
    refusal: Exclude<Outcome, undefined>,
    before: Catalog,
    message: IncomingMessage,
    tries: number,
  ) {
    if (refusal.code !== 'ResourceNotFoundException' || tries < TRIES) return refusal;
    const { catalog } = await this.#newest();
    return catalog === before ? refusal : this.#put(catalog, message, tries - 1);
  }

  async command(commands: readonly InstanceCommand[]): Promise<readonly Outcome[]> {
    const { catalog } = await this.#newest();
    return Promise.all(
      commands.map(async (command): Promise<Outcome> => {
        const model = modelOf(catalog, kindOf(command), command.modelName);
        if (model instanceof Fault) return { code: model.code, message: model.message };
        const wire: WireCommand = { type: 'Command', epoch: model.epoch, command };
        const slot = slotOf(command.modelName, command.keyValue, SLOTS);
        return outcomeOf(await this.#batches.add(slot, wire));
      }),
    );
  }

  async describe({ kind, modelName, keyValue }: InstanceName): Promise<InstanceView> {
    const { catalog } = await this.#newest();
    const model = orThrow(modelOf(catalog, kind, modelName));
    const request = { kind, epoch: model.epoch, ...(keyValue !== undefined && { keyValue }) };
    const slot = slotOf(modelName, keyValue, SLOTS);
    const answer = await asFault(() =>
      this.#options.ingress.readSlot<InstanceAnswer>(slot, 'describe', request),
    );
    if ('refusal' in answer) throw new Fault(answer.refusal.code, answer.refusal.message);
    if (answer.view !== undefined) return answer.view;
    throw new Fault('ResourceNotFoundException', `${nameOfInstance(kind, modelName, keyValue)} not found`);
  }

  /** Pages walk the slots in order, and each slot's instances by age. */
  async list({ kind, modelName, stateName, maxResults, after }: InstanceQuery): Promise<InstancePage> {
    const { catalog } = await this.#newest();
    const { epoch } = orThrow(modelOf(catalog, kind, modelName));
    let [slot, age] = readPosition(after);
    const items: InstanceSummary[] = [];
    const filled = await this.#slotsWith(epoch);
    for (; slot < SLOTS; slot++, age = 0) {
      if (!filled.has(slot)) continue;
      const query = { maxResults: maxResults - items.length, ...(stateName !== undefined && { stateName }) };
      const from = slot;
      const answer = await asFault(() =>
        this.#options.ingress.readSlot<ListAnswer>(from, 'list', { epoch, query, after: age }),
      );
      if ('refusal' in answer) throw new Fault(answer.refusal.code, answer.refusal.message);
      items.push(...answer.items);
      if (answer.next !== undefined) return { items, next: answer.next };
      if (items.length === maxResults) {
        const rest = [...filled].some((number) => number > from);
        return rest ? { items, next: `${slot + 1}:0` } : { items };
      }
    }
    return { items };
  }

  /** The slots that have instances of a model, since a few instances are in few slots. */
  async #slotsWith(epoch: number): Promise<Set<number>> {
    const metas = await asFault(() => this.#metas());
    return new Set(metas.flatMap(({ slot, counts }) => ((counts[epoch] ?? 0) > 0 ? [slot] : [])));
  }

  async #metas(): Promise<{ slot: number; counts: Readonly<Record<string, number>> }[]> {
    const rows = await this.#options.admin.query<{ service_key: string; value_utf8: string }>(
      `SELECT service_key, value_utf8 FROM state WHERE service_name = '${this.#options.ingress.names.slot}' AND key = 'meta'`,
    );
    return rows.map(({ service_key, value_utf8 }) => {
      const { counts } = JSON.parse(value_utf8) as { counts: Readonly<Record<string, number>> };
      return { slot: Number(service_key), counts };
    });
  }

  async define<N extends DefinitionName>(
    name: N,
    request: DefinitionRequest<N>,
  ): Promise<DefinitionResult<N>> {
    const answer = await asFault(() => this.#options.ingress.define({ name, request }, crypto.randomUUID()));
    if ('refusal' in answer) throw new Fault(answer.refusal.code, answer.refusal.message, answer.resource);
    await this.#newest();
    return (answer.result ?? undefined) as DefinitionResult<N>;
  }

  async catalog(): Promise<Catalog> {
    return (await this.#newest()).catalog;
  }

  async row(key: string): Promise<string | undefined> {
    return rowOf(await this.#newest(), key);
  }

  /** Evaluations happen in workers, which report them with a delay; see `worker-watch.ts`. */
  observe(observer: Observer): () => void {
    return this.#watch.observe(observer);
  }

  /** A cluster keeps no message history. */
  history(): undefined {
    return undefined;
  }

  /** At most a few seconds old. */
  figures(): HostFigures {
    void this.#count();
    return { ...this.#figures, queued: this.#batches.size };
  }

  async #count(): Promise<void> {
    if (performance.now() - this.#figuresAt < FIGURES_AGE) return;
    this.#figuresAt = performance.now();
    try {
      const { models, alarmModels } = (await this.#newest()).catalog;
      const metas = await this.#metas();
      const count = (all: Iterable<{ readonly active: RunningModel }>) => {
        let sum = 0;
        for (const { active } of all) for (const { counts } of metas) sum += counts[active.epoch] ?? 0;
        return sum;
      };
      const detectors = count(models.values());
      const alarms = count(alarmModels.values());
      this.#figures = { ...NO_FIGURES, detectors, alarms };
    } catch (error) {
      // Figures are read again later, and calls report why the cluster does not answer.
      if (!(error instanceof Fault || error instanceof IngressError)) throw error;
    }
  }

  now(): number {
    return Date.now();
  }

  /** Resolves when all accepted work has its answer. */
  async close(): Promise<void> {
    await this.#batches.idle();
    this.#watch.close();
  }

  async #runningModel(epoch: number): Promise<RunningModel | undefined> {
    return this.#catalogs.seen.models.get(epoch) ?? (await this.#newest()).models.get(epoch);
  }

  async #newest(): Promise<CatalogVersion> {
    this.#isBehind = false;
    return asFault(() => this.#catalogs.newest());
  }
}

const NO_FIGURES: HostFigures = {
  queued: 0,
  detectors: 0,
  alarms: 0,
  failedActions: 0,
  pendingActions: new Map(),
  targets: [],
};

function outcomeOf(outcome: WireOutcome): Outcome {
  if (outcome === 'Done') return undefined;
  if (outcome === 'Stale')
    return { code: 'ServiceUnavailableException', message: 'The model has changed meanwhile; try again' };
  return outcome;
}

function modelOf(catalog: Catalog, kind: KindName, modelName: string): RunningModel | Fault {
  const model = (kind === 'detector' ? catalog.models : catalog.alarmModels).get(modelName);
  if (model !== undefined) return model.active;
  const what = kind === 'detector' ? 'Detector model' : 'Alarm model';
  return new Fault('ResourceNotFoundException', `${what} of name: ${modelName} not found`);
}

function orThrow(model: RunningModel | Fault): RunningModel {
  if (model instanceof Fault) throw model;
  return model;
}

function readPosition(position: string | undefined): [slot: number, createdBy: number] {
  if (position === undefined) return [0, 0];
  const match = /^(\d+):(\d+)$/.exec(position);
  if (match === null) throw new Fault('InvalidRequestException', 'Invalid nextToken');
  return [Number(match[1]), Number(match[2])];
}
