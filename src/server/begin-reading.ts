import { StateReader } from '../store/state-reader.ts';
import type { ServeConfig } from './config.ts';
import { HAS_THREADS } from './has-threads.ts';

/** Bytes of tables from which on reading them is worth a thread: 80,000 detectors or so. */
const FROM = 16 * 1024 * 1024;

/** Begins to read the data directory if that takes long; resolves with the reader, which must be closed. */
export async function beginReading({ engine, dataDir }: ServeConfig): Promise<StateReader | undefined> {
  return HAS_THREADS && engine === 'embedded' ? StateReader.begin(dataDir, FROM) : undefined;
}
