import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BadDay } from './chaos/bad-day.mjs';

/*
 * A stress test of one server: load, timers, slow subscribers, and in turn every failure of a target, kills, stops,
 * clock jumps and a full disk. After a quiet period everything is accounted for: nothing lost, duplicated, stuck or out
 * of order, and memory constant; then the exit code is 0.
 */
const USAGE = `Puts a server through failures of every kind and accounts for all messages.

  npm run chaos                     5 minutes
  npm run chaos -- --minutes 30
`;

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '5' }, help: { type: 'boolean', default: false } },
});
if (values.help) console.log(USAGE);
else process.exitCode = await run(Number(values.minutes) * 60_000);

async function run(milliseconds) {
  if (!(milliseconds > 0)) {
    console.error(`--minutes must be a number above 0, not ${values.minutes}`);
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'tripline-chaos-'));
  const disk = makeDisk(folder);
  const day = new BadDay(folder, disk);
  try {
    await day.begin();
    await day.live(milliseconds);
    const faults = await day.account();
    for (const fault of faults) console.error(`FAULT: ${fault}`);
    console.log(day.summary());
    return faults.length === 0 ? 0 : 1;
  } finally {
    await day.end();
    if (disk.isOwn) spawnSync('umount', ['-l', disk.path]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A separate small disk that can be filled, where mounting is permitted. */
function makeDisk(folder) {
  const path = join(folder, 'disk');
  mkdirSync(path);
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=512m', 'tmpfs', path]);
  if (status !== 0)
    console.log('No separate disk can be mounted here, so the test with a full disk is skipped.');
  return { path, isOwn: status === 0 };
}
