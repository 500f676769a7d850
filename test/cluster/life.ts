import { Catalogs } from '../../src/cluster/catalogs.ts';
import { SLOTS } from '../../src/cluster/contract.ts';
import { Ingress } from '../../src/cluster/ingress.ts';
import type { RestateHost } from '../../src/cluster/restate-host.ts';
import { type InstanceEntry, keyOfEntry, slotOfEntries } from '../../src/cluster/slot-entries.ts';
import type { Worker } from '../../src/cluster/worker.ts';
import type { ServiceRequest } from '../../src/core/action/request.ts';
import type { Evaluated } from '../../src/core/engine/running.ts';
import { Sequence } from '../../src/core/engine/slot.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import type { Execution } from '../../src/runtime/delivery/execution.ts';
import { readPayload } from '../../src/runtime/messages.ts';
import { ANSWERS } from '../sim/answers.ts';
import { define, generateMessage, generateModels, KEYS } from '../sim/definitions.ts';
import { Ledger, type SentMessage, Violation } from '../sim/ledger.ts';
import { Random } from '../sim/random.ts';
import { forget, frontOf, type Restate, workerOf } from './rig.ts';
import { settledTicksOf, type Tick } from './ticks.ts';

const START = 1_600_000_000_000;
/** Milliseconds: how far the time is put on at once, and at the end until no timer is due. */
const LONGEST_STEP = 60_000;
const PEACE = 100_000;
/** Milliseconds for which something may be waited for. */
const PATIENCE = 60_000;

/** What may go wrong with Restate and the connections to the workers. */
export interface Faults {
  /** Ends all connections to the workers. */
  cut(): void;
  /** Kills a node, and resolves when it is back. */
  killNode(random: Random): Promise<void>;
}

export interface Outcome {
  readonly evaluations: number;
  readonly effects: number;
  readonly arrivals: number;
  readonly repeated: number;
  readonly faults: number;
}

/**
 * A life of a cluster, as `test/sim/world.ts` has them of one machine: models and messages at random, targets that
 * refuse, workers that are cut off or replaced, nodes that are killed. The time is put on by the test; Restate and what
 * it does are real, and so a seed does not determine everything. What is checked is the ledger of the simulation.
 */
export class ClusterLife {
  readonly #restate: Restate;
  readonly #faults: Faults;
  readonly #random: Random;
  readonly #cluster: string;
  readonly #ingress: Ingress;
  readonly #models;
  readonly #ledger: Ledger;
  readonly #host: RestateHost;
  readonly #ports: number[];
  readonly #workers: Worker[] = [];
  /** By slot: the last evaluation in the books. */
  readonly #last = new Map<number, number>();
  readonly #sent = new Map<string, number>();
  #time = START;
  #failures: number;
  #repeated = 0;
  #count = 0;
  #failure: unknown;

  constructor(seed: number, restate: Restate, ports: number[], faults: Faults) {
    this.#restate = restate;
    this.#faults = faults;
    this.#ports = ports;
    this.#random = new Random(seed);
    this.#cluster = `life${seed}`;
    this.#ingress = new Ingress(restate.ingressUrl, this.#cluster);
    this.#models = generateModels(this.#random);
    this.#failures = this.#random.pick([0, 0.1, 0.4]);
    this.#ledger = new Ledger(this.#models);
    this.#host = frontOf(restate, this.#options);
  }

  /** Throws Violation for what must never be. */
  async run(url: string, rounds: number): Promise<Outcome> {
    try {
      const [first, second] = [await this.#worker(), await this.#worker()];
      this.#workers.push(first, second);
      this.#ports.splice(0, this.#ports.length, ...this.#workers.map(({ port }) => port));
      // A node that was killed may still know this address from the life before, whose services are other ones.
      await this.#restate.admin.register(url, first.serves);
      await define(this.#host, this.#models);
      this.#ledger.begin(0, this.#time);
      for (let round = 0; round < rounds; round++) {
        await Promise.all([...KEYS.map((key) => this.#send(key)), this.#trouble()]);
        await Promise.all([this.#advance(this.#random.int(1, LONGEST_STEP)), this.#trouble()]);
        if (this.#failure !== undefined) throw this.#failure;
      }
      this.#failures = 0;
      await this.#advance(PEACE);
      const executions = await this.#executions();
      this.#ledger.recover(await this.#held(), [], new Set(), []);
      this.#ledger.close(this.#time, 0, executions);
      if (this.#failure !== undefined) throw this.#failure;
      const { evaluations, effects, arrivals } = this.#ledger;
      return { evaluations, effects, arrivals, repeated: this.#repeated, faults: this.#count };
    } finally {
      await this.#host.close();
      for (const worker of this.#workers) await worker.close();
      await forget(this.#restate, this.#ingress.names.slot);
    }
  }

  /** What a worker has evaluated, before it is answered; again where Restate had it made again. */
  evaluated(slot: number, before: number, now: number, all: readonly Evaluated[]): void {
    for (const [index, evaluated] of all.entries()) {
      const sequence = before + index + 1;
      if (sequence <= (this.#last.get(slot) ?? 0)) {
        this.#repeated++;
        continue;
      }
      this.#last.set(slot, sequence);
      this.#attempt(() => this.#ledger.observe(evaluated, { now, wall: now, real: now, slot }));
    }
  }

  get #options() {
    return {
      cluster: this.#cluster,
      now: () => ++this.#time,
      senders: {
        send: (request: ServiceRequest) => this.#take(request),
        load: async () => {},
        close: async () => {},
      },
    };
  }

  async #worker(): Promise<Worker> {
    const worker = await workerOf(this.#restate, 0, this.#options);
    worker.observe({ traces: () => false, keepsStates: () => true });
    return worker;
  }

  /** Some messages of a key, one after the other; each again, with its id, until it is acknowledged. */
  async #send(key: string): Promise<void> {
    for (let left = this.#random.int(1, 4); left > 0; left--) {
      const n = (this.#sent.get(key) ?? 0) + 1;
      this.#sent.set(key, n);
      const message = generateMessage(this.#random, key, n);
      this.#ledger.send(message);
      await until(() => this.#put(message), `the acknowledgement of ${message.messageId}`);
      this.#attempt(() => this.#ledger.acknowledge(message));
      // Some have not heard of it, or have forgotten.
      if (this.#random.chance(0.3))
        await until(() => this.#put(message), `another answer to ${message.messageId}`);
    }
  }

  async #put({ messageId, inputName, text }: SentMessage): Promise<boolean> {
    const payload = readPayload(Buffer.from(text));
    if (typeof payload === 'string') throw new Error(payload);
    const put = () =>
      this.#host.put([{ messageId, inputName, payload }]).then(
        ([fault]) => fault === undefined,
        () => false,
      );
    // Some clients do not wait for the answer to the first.
    if (!this.#random.chance(0.1)) return put();
    return (await Promise.all([put(), put()])).some((isTaken) => isTaken);
  }

  /** Nothing, or one of the faults some milliseconds later. */
  async #trouble(): Promise<void> {
    if (this.#random.chance(0.4)) return;
    this.#count++;
    const later = this.#random.int(0, 60);
    await new Promise((resolve) => setTimeout(resolve, later));
    const which = this.#random.int(0, 2);
    if (which === 0) return this.#faults.killNode(this.#random);
    // Another one takes its place, which knows nothing of what the former one had in memory.
    const lost = which === 1 ? undefined : this.#workers.shift();
    if (lost !== undefined) {
      const worker = await this.#worker();
      this.#workers.push(worker);
      this.#ports.splice(0, this.#ports.length, ...this.#workers.map(({ port }) => port));
    }
    this.#faults.cut();
    await lost?.close();
  }

  /** Puts the time on, and has the timers fire that are due until then. */
  async #advance(milliseconds: number): Promise<void> {
    const end = this.#time + milliseconds;
    let last: Tick | undefined;
    let patience = 0;
    for (;;) {
      const [next] = await again(() => settledTicksOf(this.#restate, this.#ingress, this.#cluster));
      if (next === undefined || next.at > end) break;
      if (next.slot === last?.slot && next.at === last.at) {
        // A query may show entries as they were some time ago; a tick that did nothing stays as it is.
        if (Date.now() < patience) continue;
        throw new Violation(`slot ${next.slot} does nothing at ${next.at}, when a timer is due`);
      }
      last = next;
      patience = Date.now() + PATIENCE;
      this.#time = Math.max(this.#time, next.at);
      await again(() => this.#ingress.tick(next.slot, { at: next.at }));
    }
    this.#time = Math.max(this.#time, end);
  }

  /** All executions, when none waits any more. */
  async #executions(): Promise<readonly Execution[]> {
    const list = async () => (await this.#host.actions.list({}, { maxResults: 100_000 })).actions;
    let executions: readonly Execution[] = [];
    await until(async () => {
      executions = await list();
      return executions.every(({ status }) => status !== 'PENDING');
    }, 'the delivery of all actions');
    return executions;
  }

  /** The cluster as Restate has it. */
  async #held() {
    const { admin } = this.#restate;
    const { catalog, models } = await new Catalogs(DEFAULT_LIMITS, (request) =>
      this.#ingress.readCatalog(request),
    ).newest();
    const slots = [];
    for (const key of await admin.keys(this.#ingress.names.slot)) {
      const entries = [...(await admin.entries(this.#ingress.names.slot, key))].flatMap(([name, text]) => {
        const instance = keyOfEntry(name);
        return instance === undefined ? [] : [[instance, JSON.parse(text) as InstanceEntry] as const];
      });
      slots.push(slotOfEntries(Number(key) % SLOTS, new Sequence(), models, entries));
    }
    return { catalog, slots };
  }

  /** Targets fail, and sometimes take what they then say they did not. */
  async #take(request: ServiceRequest): Promise<void> {
    const fate = this.#random.chance(this.#failures) ? this.#random.pick(['refuse', 'lose']) : 'take';
    const text = String(request.input.Message ?? request.input.MessageBody);
    if (fate !== 'refuse') this.#attempt(() => this.#ledger.arrive(text));
    if (fate !== 'take') throw this.#random.pick(ANSWERS)(fate);
  }

  #attempt(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#failure ??= error;
    }
  }
}

/** Asks until it is so. */
async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + PATIENCE; !(await isSo()); )
    if (Date.now() > end) throw new Error(`${what} does not come`);
}

/** A call that may be made while a node is down. */
async function again<T>(call: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + PATIENCE; ; ) {
    try {
      return await call();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}
