import { emptyImage, type MemoryImage, openMemoryStore } from '../../src/store/memory-store.ts';
import { type Changes, type Store, StoreError } from '../../src/store/store.ts';
import type { Random } from './random.ts';
import type { Schedule } from './schedule.ts';

/** Set by a planted fault: the commit is answered without a sync. */
interface Unsynced {
  readonly isUnsynced?: boolean;
}

/** Maximum milliseconds before a scan begins. */
const READING = 2;

/** The points of a commit at which a crash may happen. */
export type Moment = 'before the write' | 'before the sync' | 'before the answer';

/**
 * A disk with the writes accepted by the system and those actually synced. A killed process leaves the former; a power
 * failure leaves the latter and possibly some of the later writes, in order; a write in progress is cut off and lost.
 */
export class SimulatedDisk {
  #durable: MemoryImage;
  #written: MemoryImage;
  /** Commits that are written but not synced. */
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
   * `isFull`, nothing is written and every commit fails. A commit with more than `mostDetectors` is too large.
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
    const commit = async ({ state = [], ...others }: Changes & Unsynced): Promise<void> => {
      // Written rows are used again for the next commit.
      const changes = { ...others, state: [...state] };
      const detectors = changes.state.filter(([key]) => key.startsWith('detector/'));
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
      // Takes time like a real disk, so that anything started too early runs while other parts are still opening.
      async scanState(visit) {
        await pause(READING);
        await memory.scanState(visit);
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

  /** The current contents, readable immediately from outside the simulated world. */
  get contents(): Store {
    return openMemoryStore(this.#written);
  }

  /** The ids of messages recorded as accepted. */
  get accepted(): ReadonlySet<string> {
    const ids = new Set<string>();
    for (const [key, row] of this.#written.state) {
      if (!key.startsWith('dedupe/')) continue;
      for (const [, messageId] of (JSON.parse(row) as { ids: [string, string][] }).ids) ids.add(messageId);
    }
    return ids;
  }

  /** The disk after the process was killed; LevelDB syncs the data that it finds on opening. */
  kill(): SimulatedDisk {
    const next = new SimulatedDisk(this.#written);
    next.commits = this.commits;
    return next;
  }

  /** The disk after a power failure. */
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
