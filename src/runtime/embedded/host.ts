import type { InstanceCommand } from '../../core/engine/commands.ts';
import { type Outcome, type Refusal, unreadableRow } from '../../core/engine/refusal.ts';
import { nameOfInstance, type RunningModel } from '../../core/engine/running.ts';
import type { InstanceSummary, InstanceView } from '../../core/engine/views.ts';
import type { DetectorModelDefinition } from '../../core/model/definition.ts';
import { normaliseDefinition } from '../../core/model/normalise.ts';
import type { Limits } from '../../limits.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { type CheckedDefinition, checkInSteps } from '../catalog/check-detector-model.ts';
import {
  DEFINITIONS,
  type DefinitionName,
  type DefinitionRequest,
  type DefinitionResult,
} from '../catalog/definitions.ts';
import type { Clock } from '../clock.ts';
import { Fault } from '../fault.ts';
import type {
  Actions,
  Host,
  HostFigures,
  InstanceName,
  InstancePage,
  InstanceQuery,
  Observer,
} from '../host.ts';
import type { HistoryQuery, MessageHistory } from '../message-history.ts';
import type { IncomingMessage } from '../messages.ts';
import { InSteps } from '../steps.ts';
import { pageOfInstances } from './instance-page.ts';
import type { TurnPump } from './pump.ts';

/** The parts that do not concern turns. */
export interface HostParts {
  readonly clock: Pick<Clock, 'now' | 'wall'>;
  readonly actions: Actions;
  readonly row: (key: string) => Promise<string | undefined>;
  readonly history?: MessageHistory | undefined;
  /** Calls back with executions that have finished. Returns a function that unsubscribes. */
  readonly onFinished: (listener: NonNullable<Observer['finished']>) => () => void;
  readonly figures: () => Omit<HostFigures, 'queued' | 'lateness' | 'detectors' | 'alarms'>;
}

/** The host for one machine. Every call runs as work of a turn, so that it sees only durable state. */
export class EmbeddedHost implements Host {
  readonly #pump: TurnPump;
  readonly #parts: HostParts;
  readonly #steps = new InSteps();

  constructor(pump: TurnPump, parts: HostParts) {
    this.#pump = pump;
    this.#parts = parts;
  }

  put(messages: readonly IncomingMessage[]): Promise<readonly Outcome[]> {
    return this.#pump.put(messages);
  }

  command(commands: readonly InstanceCommand[]): Promise<readonly Outcome[]> {
    return this.#pump.run((turn) => commands.map((command) => this.#pump.evaluator.command(turn, command)));
  }

  describe({ kind, modelName, keyValue }: InstanceName): Promise<InstanceView> {
    return this.#pump.run(() => {
      const model = orThrow(this.#pump.evaluator.modelOf(kind, modelName));
      const held = this.#pump.evaluator.slotFor(model, keyValue).find(model.epoch, keyValue);
      const unreadable = held?.load();
      if (unreadable !== undefined) throw faultOf(unreadableRow(model, keyValue, unreadable));
      const instance = held?.instance;
      if (instance !== undefined) return this.#shown(model.behaviour.view(model, keyValue, instance));
      const message = `${nameOfInstance(kind, modelName, keyValue)} not found`;
      throw new Fault('ResourceNotFoundException', message);
    });
  }

  list(query: InstanceQuery): Promise<InstancePage> {
    return this.#pump.run(() => {
      const model = orThrow(this.#pump.evaluator.modelOf(query.kind, query.modelName));
      const { items, ...rest } = pageOfInstances(this.#pump.evaluator.slots, model, query);
      return { ...rest, items: items.map((summary) => this.#listed(summary)) };
    });
  }

  define<N extends DefinitionName>(name: N, request: DefinitionRequest<N>): Promise<DefinitionResult<N>> {
    const define = DEFINITIONS[name];
    const { limits, evaluator } = this.#pump;
    const publish = (checked?: CheckedDefinition) =>
      this.#pump.run((turn) => {
        const context = { now: turn.wall, limits, checked };
        return turn.define(define(evaluator.catalog, request, context));
      });
    const definition = largeDefinition(request, limits);
    if (definition === undefined) return publish();
    return this.#steps
      .run(() => checkInSteps(normaliseDefinition(definition), evaluator.catalog, limits))
      .then(publish);
  }

  catalog(): Promise<Catalog> {
    return this.#pump.run(() => this.#pump.evaluator.catalog);
  }

  row(key: string): Promise<string | undefined> {
    return this.#parts.row(key);
  }

  get actions(): Actions {
    return this.#parts.actions;
  }

  history(query: HistoryQuery): AsyncIterable<string> | undefined {
    return this.#parts.history?.read(query, this.now(), this.#ahead());
  }

  observe(observer: Observer): () => void {
    const stop = this.#pump.observe(observer);
    const stopFinished = this.#parts.onFinished((executions) => observer.finished?.(executions));
    return () => {
      stop();
      stopFinished();
    };
  }

  figures(): HostFigures {
    const { models, alarmModels } = this.#pump.evaluator.catalog;
    const count = (running: Iterable<{ readonly active: RunningModel }>) => {
      let sum = 0;
      for (const { active } of running) sum += this.#pump.evaluator.count(active.epoch);
      return sum;
    };
    return {
      queued: this.#pump.queued,
      lateness: this.#pump.lateness,
      detectors: count(models.values()),
      alarms: count(alarmModels.values()),
      ...this.#parts.figures(),
    };
  }

  now(): number {
    return this.#pump.now();
  }

  /** Timers run on the host's time, but are shown as times of the machine's clock. */
  #shown<V extends InstanceView>(view: V): V {
    const ahead = this.#ahead();
    if (ahead === 0 || view.timers.length === 0) return view;
    return {
      ...view,
      timers: view.timers.map((timer) => ({ ...timer, expiresAt: timer.expiresAt + ahead })),
    };
  }

  #listed(summary: InstanceSummary): InstanceSummary {
    const ahead = this.#ahead();
    if (ahead === 0 || summary.nextExpiry === undefined) return summary;
    return { ...summary, nextExpiry: summary.nextExpiry + ahead };
  }

  /** Milliseconds by which the machine's clock is ahead of the host's time. */
  #ahead(): number {
    const { clock } = this.#parts;
    return clock.wall() - clock.now();
  }
}

/** Bytes of a definition that is checked before its turn: a smaller one is done in some milliseconds. */
const LARGE = 32 * 1024;

/** The definition of a detector model that takes long to check; undefined for anything else, and what is too large anyway. */
function largeDefinition(request: object, limits: Limits): DetectorModelDefinition | undefined {
  const { detectorModelDefinition: definition } = request as {
    readonly detectorModelDefinition?: DetectorModelDefinition;
  };
  if (definition === undefined) return undefined;
  const bytes = JSON.stringify(definition).length;
  return bytes > LARGE && bytes <= limits.definitionBytes ? definition : undefined;
}

function orThrow(model: RunningModel | Refusal): RunningModel {
  if ('code' in model) throw faultOf(model);
  return model;
}

function faultOf({ code, message }: Refusal): Fault {
  return new Fault(code, message);
}
