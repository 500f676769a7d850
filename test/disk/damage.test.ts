import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLevelStore } from '../../src/store/level-store.ts';
import { Random } from '../sim/random.ts';

/** Damages the files of a store many times, and checks that wrong data is never read silently. */
const TIMES = Number(process.env.TRIPLINE_DAMAGE_TIMES ?? 60);
const folder = mkdtempSync(join(tmpdir(), 'tripline-damage-'));
const whole = join(folder, 'whole');
const READER = fileURLToPath(new URL('read-store.mjs', import.meta.url));
let expected: string;

beforeAll(async () => {
  // Tables, a journal with a checkpoint, and an uncompacted log.
  const random = new Random(1);
  const live = join(folder, 'live');
  const fill = async (from: number, to: number, whenFull: () => void) => {
    // Opening moves the log into tables.
    const store = await openLevelStore(live, { checkpointBytes: 400_000 });
    for (let n = from; n < to; n++) {
      const text = Array.from({ length: 60 }, () => random.int(0, 1e9).toString(36)).join(' ');
      await store.commit({
        state: [[`detector/0000000001/k${n % 100}`, `{"n":${n},"text":"${text}"}`]],
        rows: [[`action/${String(n).padStart(15, '0')}/00000000`, text.repeat(5)]],
      });
    }
    whenFull();
    await store.close();
  };
  await fill(0, 900, () => {});
  // As a kill leaves it: the last commits are only in the journal.
  await fill(900, 1200, () => cpSync(live, whole, { recursive: true }));
  expect(readdirSync(whole).some((name) => name.endsWith('.ldb'))).toBe(true);
  expected = read(copyOfWhole()).digest ?? '';
  expect(expected).not.toBe('');
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Opening changes the files. */
function copyOfWhole(): string {
  const directory = join(folder, 'copy');
  rmSync(directory, { recursive: true, force: true });
  cpSync(whole, directory, { recursive: true });
  return directory;
}

interface Seen {
  readonly digest?: string;
  readonly error?: string;
  readonly code?: string;
}

/** In a separate process, since LevelDB aborts the process on impossible data. */
function read(directory: string): Seen {
  const { stdout, stderr, signal } = spawnSync(process.execPath, [READER, directory], { encoding: 'utf8' });
  return signal === null ? (JSON.parse(stdout) as Seen) : { code: 'ABORTED', error: stderr.trim() };
}

function damage(directory: string, random: Random): string {
  const files = readdirSync(directory).filter((name) => !/^LO(CK|G)/.test(name));
  const name = random.pick(files);
  const path = join(directory, name);
  const bytes = readFileSync(path);
  const at = random.int(0, Math.max(0, bytes.length - 1));
  switch (random.int(0, 4)) {
    case 0:
      rmSync(path);
      return `${name} deleted`;
    case 1:
      writeFileSync(path, bytes.subarray(0, at));
      return `${name} cut to ${at} of ${bytes.length} bytes`;
    case 2:
      writeFileSync(path, bytes.fill(0, at, Math.min(bytes.length, at + random.int(1, 4096))));
      return `${name} zeroed from ${at}`;
    default:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.int(0, 7));
      writeFileSync(path, bytes);
      return `${name} has a bit flipped at ${at} of ${statSync(path).size}`;
  }
}

test(`${TIMES} damaged directories are named, or read as they were`, async () => {
  const seen = { named: 0, harmless: 0 };
  for (let seed = 1; seed <= TIMES; seed++) {
    const directory = copyOfWhole();
    const what = `seed ${seed}: ${damage(directory, new Random(seed))}`;
    const { digest, error = '', code } = read(directory);
    if (digest !== undefined) {
      expect([what, digest]).toEqual([what, expected]);
      seen.harmless++;
    } else {
      expect([what, error]).not.toEqual([what, '']);
      // An assertion of LevelDB, without a useful message.
      expect([what, code]).not.toEqual([what, 'ABORTED']);
      seen.named++;
    }
  }
  expect(seen.named).toBeGreaterThan(TIMES / 4);
  console.log(
    `damage: ${TIMES} directories, ${seen.named} named, ${seen.harmless} read as they were, none read differently`,
  );
}, 600_000);
