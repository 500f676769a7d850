import { emptyImage, type MemoryImage, openMemoryStore } from '../../src/store/memory-store.ts';
import { type Changes, type Store, StoreError } from '../../src/store/store.ts';
import type { Random } from './random.ts';
import type { Schedule } from './schedule.ts';

/** What a planted fault asks for: to be answered without a sync. */
interface Unsynced {
  readonly isUnsynced?: boolean;
}

/** Milliseconds that a scan takes to begin, at the longest. */
const READING = 2;

/** Where in a commit a crash may come. */
export type Moment = 'before the write' | 'before the sync' | 'before the answer';

/**
 * A disk with what the system has taken and what the platters hold. A killed process leaves the former, a power failure
 * the latter and perhaps some of the writes after it, in their order; one that was under way is cut off and gone.
 */
export class SimulatedDisk {
  #durable: MemoryImage;
  #written: MemoryImage;
  /** Commits that are written and not yet on the platters. */
  #unsynced: Changes[] = [];
  commits = 0;
  /** Commits that are not answered yet. */
  underWay = 0;

  constructor(image: MemoryImage = emptyImage()) {
    this.#durable = copy(image);
    this.#written = copy(image);
  }

  /**
   * The store of one process; `interrupt` may end that process, after which nothing is answered any more. While
   * `isFull` nothing is written, and every commit says so. A commit with more than `mostDetectors` is too large.
   */
  open(
    schedule: Schedule,
    random: Random,
    interrupt: (moment: Moment) => boolean,
    isFull: () => boolean,
    mostDetectors: number,
  ): Store {
    const memory = openMemoryStore(this.#written);
    let tail: Promise<unknown> = Promise.resolve();
    const pause = (longest: number) =>
      new Promise<void>((resolve) => {
        schedule.after(random.next() * longest, resolve);
      });
    const never = () => new Promise<never>(() => {});
    const commit = async (changes: Changes & Unsynced): Promise<void> => {
      const detectors = (changes.state ?? []).filter(([key]) => key.startsWith('detector/'));
      if (detectors.length > mostDetectors) throw new StoreError('UNENCODABLE', 'Too large');
      await pause(2);
      if (interrupt('before the write')) return never();
      if (isFull()) throw new StoreError('NO_SPACE', 'The disk is full');
      this.commits++;
      this.#unsynced.push(changes);
      await openMemoryStore(this.#written).commit(changes);
      if (changes.isUnsynced === true) return undefined;
      await pause(5);
      if (interrupt('before the sync')) return never();
      await this.#sync(this.#unsynced.length);
      await pause(1);
      if (interrupt('before the answer')) return never();
      return undefined;
    };
    return {
      // As on a disk, it takes time: what starts too early does so while something else is still being opened.
      async *scanState() {
        await pause(READING);
        yield* memory.scanState();
      },
      async *scan(range) {
        await pause(READING);
        yield* memory.scan(range);
      },
      get: (key) => memory.get(key),
      close: () => memory.close(),
      commit: (changes) => {
        this.underWay++;
        const done = tail
          .then(() => commit(changes))
          .finally(() => {
            this.underWay--;
          });
        tail = done.catch(() => {});
        return done;
      },
    };
  }

  /** What it holds, to be read at once from outside of the simulated world. */
  get contents(): Store {
    return openMemoryStore(this.#written);
  }

  /** The ids of messages that it says were accepted. */
  get accepted(): ReadonlySet<string> {
    const ids = new Set<string>();
    for (const [key, row] of this.#written.state) {
      if (!key.startsWith('dedupe/')) continue;
      for (const [, messageId] of (JSON.parse(row) as { ids: [string, string][] }).ids) ids.add(messageId);
    }
    return ids;
  }

  /** What is there after the process was killed; LevelDB syncs what it finds when it is opened. */
  kill(): SimulatedDisk {
    const next = new SimulatedDisk(this.#written);
    next.commits = this.commits;
    return next;
  }

  /** What is there after the power failed. */
  async fail(random: Random): Promise<SimulatedDisk> {
    await this.#sync(random.int(0, this.#unsynced.length));
    const next = new SimulatedDisk(this.#durable);
    next.commits = this.commits;
    return next;
  }

  async #sync(count: number): Promise<void> {
    const store = openMemoryStore(this.#durable);
    for (const changes of this.#unsynced.splice(0, count)) await store.commit(changes);
  }
}

function copy({ state, rows }: MemoryImage): MemoryImage {
  return { state: new Map(state), rows: new Map(rows) };
}
