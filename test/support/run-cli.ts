import { vi } from 'vitest';
import { main } from '../../src/cli/main.ts';

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `tripline` with these arguments in this process. */
export async function runCli(...args: string[]): Promise<CliResult> {
  const written = { out: '', err: '' };
  const keep = (stream: 'out' | 'err') => (chunk: unknown) => {
    written[stream] += String(chunk);
    return true;
  };
  const out = vi.spyOn(process.stdout, 'write').mockImplementation(keep('out') as never);
  const err = vi.spyOn(process.stderr, 'write').mockImplementation(keep('err') as never);
  try {
    const code = await main(['node', 'tripline', ...args]);
    return { code, ...written };
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}
