import { StateReader } from '../store/state-reader.ts';
import type { ServeConfig } from './config.ts';

/**
 * Bytes of tables from which on reading them is worth a thread: 80,000 detectors or so. Node 20 runs no TypeScript in
 * threads, so servers that run from the sources, as in tests, have none.
 */
const FROM = import.meta.url.endsWith('.ts') ? Number.POSITIVE_INFINITY : 16 * 1024 * 1024;

/** Begins to read the data directory if that takes long; resolves with the reader, which must be closed. */
export async function beginReading({ engine, dataDir }: ServeConfig): Promise<StateReader | undefined> {
  return engine === 'embedded' ? StateReader.begin(dataDir, FROM) : undefined;
}
