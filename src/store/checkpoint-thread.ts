import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { ClassicLevel } from 'classic-level';
import { collectGarbage } from '../collect-garbage.ts';
import { type Checkpoint, type Hurry, writeState } from './checkpoint.ts';
import { type JournalPart, readPart } from './journal-part.ts';
import { lowerPriority } from './lower-priority.ts';
import { NumberedWrites, type Progress, STATE_WRITES } from './numbered-writes.ts';
import { failureOf, type ThreadFailure } from './thread-failure.ts';

/** The script of a thread that writes checkpoints; checkpoints.ts starts it. */
export interface CheckpointSetting {
  readonly directory: string;
  /** Of the writes of state rows, which this thread continues. */
  readonly progress: Progress;
  readonly hurry: Hurry;
}

/** What the thread is asked for: a checkpoint, or to end. */
export type CheckpointRequest = { readonly part: JournalPart; readonly checkpoint: Checkpoint } | 'close';

export interface CheckpointReply {
  readonly failure?: ThreadFailure;
}

lowerPriority();
const port = parentPort as MessagePort;
const { directory, progress, hurry } = workerData as CheckpointSetting;
const db = new ClassicLevel<string, string>(directory, { keyEncoding: 'utf8', valueEncoding: 'utf8' });
const opened = db.open({ multithreading: true });
const writes = new NumberedWrites(db, STATE_WRITES, progress);

port.on('message', async (request: CheckpointRequest) => {
  if (request === 'close') {
    await db.close();
    port.close();
    return;
  }
  port.postMessage(await write(request));
  // The tables of a checkpoint may be large, and until the next one nothing would make the collector look.
  collectGarbage();
});

/**
 * Milliseconds of work between two pauses, and those of a pause. The system lets a thread that has the processor keep it for
 * some milliseconds, whatever its priority, and an answer would wait for that.
 */
const WORK = 0.2;
const PAUSE = 0.2;
const never = new Int32Array(new SharedArrayBuffer(4));
let continuedAt = 0;

function pause(): void {
  if (Atomics.load(hurry, 0) !== 0 || performance.now() - continuedAt < WORK) return;
  // Nobody notifies.
  Atomics.wait(never, 0, 0, PAUSE);
  continuedAt = performance.now();
}

async function write({ part, checkpoint }: Exclude<CheckpointRequest, 'close'>): Promise<CheckpointReply> {
  try {
    await opened;
    const frames = (areVerified: boolean) => readPart(part, areVerified);
    await writeState(db, writes, frames, checkpoint, hurry, pause);
    return {};
  } catch (error) {
    return { failure: failureOf(error) };
  }
}
