import { kindOf } from '../core/engine/commands.ts';
import { instanceKey } from '../core/engine/instance-key.ts';
import type { WireCommand } from './contract.ts';
import type { KeyValues } from './key-values.ts';
import { instanceEntry, META, SEEN } from './slot-entries.ts';

/** The entries that a turn with these commands will certainly read. */
export function namesFor(commands: readonly WireCommand[]): string[] {
  const names = new Set([META]);
  for (const command of commands) {
    const { epoch } = command;
    if (command.type === 'Command') {
      const kind = kindOf(command.command);
      names.add(instanceEntry(instanceKey({ kind, epoch }, command.command.keyValue)));
    } else {
      names.add(SEEN);
      names.add(instanceEntry(instanceKey({ kind: command.kind, epoch }, command.keyValue)));
    }
  }
  return [...names];
}

/**
 * Reads some entries at once and returns a view of the same state: each individual read costs a round trip to Restate
 * and an entry in its journal.
 */
export async function prefetch(state: KeyValues, names: readonly string[]): Promise<KeyValues> {
  const values = await state.getAll<unknown>(names);
  const known = new Map<string, unknown>(names.map((name, index) => [name, values[index]]));
  const getAll = async <T>(wanted: readonly string[]): Promise<(T | null)[]> => {
    const missing = wanted.filter((name) => !known.has(name));
    if (missing.length > 0) {
      const found = await state.getAll<unknown>(missing);
      for (const [index, name] of missing.entries()) known.set(name, found[index]);
    }
    return wanted.map((name) => known.get(name) as T | null);
  };
  return {
    getAll,
    async get<T>(name: string) {
      const [value] = await getAll<T>([name]);
      return value as T | null;
    },
    set(name, value) {
      known.set(name, value);
      state.set(name, value);
    },
    clear(name) {
      known.set(name, null);
      state.clear(name);
    },
    stateKeys: () => state.stateKeys(),
  };
}
