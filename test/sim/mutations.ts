import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Plants faults in the compiled runtime, one at a time, and checks whether the simulation finds them: a fault that is
 * not found reveals a missing check.
 */
interface Mutation {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const CLOCK = 'runtime/host-clock.js';
const PUMP = 'runtime/embedded/pump.js';
const COMMITS = 'runtime/embedded/commits.js';
const COMMIT = 'await this.#store.commit({ state, dropState: turn.dropped, rows });';

const MUTATIONS: readonly Mutation[] = [
  {
    name: 'commits are not synced',
    file: COMMITS,
    from: COMMIT,
    to: COMMIT.replace(' });', ', isUnsynced: true });'),
  },
  {
    name: 'acknowledged before the commit',
    file: PUMP,
    from: 'committed = await this.#commits.commit(turn);',
    to: 'for (const work of works) work.answer(); committed = await this.#commits.commit(turn);',
  },
  {
    name: 'the state and the outbox are two commits',
    file: COMMITS,
    from: COMMIT,
    to:
      'await this.#store.commit({ state, dropState: turn.dropped, rows: turn.rows });' +
      ' await this.#store.commit({ rows: outbox.rows });',
  },
  {
    name: 'the accepted ids are not kept',
    file: COMMITS,
    from: 'chunk.write(state);',
    to: `state.text('{"time":0,"ids":[]}');`,
  },
  {
    name: 'what a failed commit took back stays changed',
    file: 'core/engine/running.js',
    from: 'result.undo();',
    to: 'void result;',
  },
  {
    name: 'what was evaluated during a failed commit stays',
    file: PUMP,
    from: 'const turns = this.#open === undefined ? [failed] : [this.#open, failed];',
    to: 'const turns = [failed];',
  },
  {
    name: 'durations by the wall clock',
    file: CLOCK,
    from: 'return Math.floor(this.#origin + this.#machine.steady());',
    to: 'return this.#machine.wall();',
  },
  {
    name: 'a clock that was put back while the server was down turns time back',
    file: CLOCK,
    from: 'const now = Math.max(wall - ahead, time);',
    to: 'const now = wall - ahead;',
  },
  {
    name: 'jumps of the clock are not noted',
    file: CLOCK,
    from: 'const noted = { time, ahead: this.#ahead };',
    to: 'const noted = { time, ahead: 0 };',
  },
  {
    name: 'no budget: a turn that is too large is taken back whole',
    file: PUMP,
    from: 'if (isUnencodable(error))',
    to: 'if (false)',
  },
  {
    name: 'effects leave before the commit',
    file: COMMITS,
    from: 'turn.writeState(state);',
    to: 'outbox.committed(); turn.writeState(state);',
  },
  {
    name: 'a timer that is set again stays set twice',
    file: 'core/detector/evaluation.js',
    from: 'this.detector.timers = index < 0 ? [...this.timers, started] : this.timers.with(index, started);',
    to: 'this.detector.timers = [...this.timers, started];',
  },
  {
    name: 'timers are not looked at after a restart',
    file: 'core/engine/slot.js',
    from: 'own.add(keyValue, dormant.add(rows, index), due);',
    to: 'own.add(keyValue, dormant.add(rows, index), Number.POSITIVE_INFINITY);',
  },
  {
    name: 'a timer fires a second early',
    file: 'core/engine/slot.js',
    from: 'if (next.expiresAt <= now)',
    to: 'if (next.expiresAt - 1000 <= now)',
  },
  {
    name: 'a delivery leaves the outbox before it has arrived',
    file: 'runtime/delivery/target-runner.js',
    from: 'const durable = await this.#delivery.send(queued);',
    to:
      "this.#delivery.save({ ...queued, execution: { ...queued.execution, status: 'DELIVERED', attempts: 1 } });" +
      ' const durable = await this.#delivery.send(queued);',
  },
  {
    name: 'deliveries of a detector overtake each other',
    file: 'runtime/delivery/target-queue.js',
    from: 'waiting.push(queued);',
    to: 'waiting.unshift(queued);',
  },
  {
    name: 'a looped message and the end of its delivery are two commits',
    file: 'runtime/embedded/loopback.js',
    from: 'turn.addRows(outbox.rowsOf(done));',
    to: 'void outbox.update([done]);',
  },
  {
    name: 'what waited before a restart is not delivered',
    file: 'runtime/delivery/dispatcher.js',
    from: 'for (const queue of [...this.#unread])',
    to: 'for (const queue of [])',
  },
  {
    name: 'a runner does not know what an earlier run has left',
    file: 'runtime/delivery/dispatcher.js',
    from: 'this.#unread.delete(queue));',
    to: '(this.#unread.delete(queue), false));',
  },
  {
    name: 'what a target answers with an error of its own is final',
    file: 'send/classify-error.js',
    from: 'if (isPassing(error.name) || $retryable !== undefined)',
    to: 'if (false)',
  },
  {
    name: 'what is no error of a service is final',
    file: 'send/classify-error.js',
    from: "error instanceof Error && isRefusal(error) ? 'TERMINAL' : 'RETRYABLE'",
    to: "error instanceof SyntaxError || isRefusal(error) ? 'TERMINAL' : 'RETRYABLE'",
  },
  {
    name: 'a stop gives up what waits',
    file: 'runtime/delivery/target-runner.js',
    from: 'if (isTerminal || isSpent ||',
    to: 'if (this.#closed || isTerminal || isSpent ||',
  },
  {
    name: 'starts before attaching',
    file: 'runtime/embedded/open.js',
    from: 'const dispatcher = new Dispatcher',
    to: 'pump.start(); const dispatcher = new Dispatcher',
  },
  {
    name: 'an alarm forgets its state',
    file: 'core/alarm/codec.js',
    from: 'let text = `{"state":"${state}"`;',
    to: 'let text = `{"state":"NORMAL"`;',
  },
];

const SEEDS = 10_000;
const built = fileURLToPath(new URL('../../', import.meta.url));
const mutant = `${built.slice(0, -1)}-mutant/`;
let missed = 0;

/** With an argument, only mutations whose name contains it. */
const [only = ''] = process.argv.slice(2);
const chosen = MUTATIONS.filter(({ name }) => name.includes(only));

// All of them before the first, which takes a while.
for (const { file, from } of MUTATIONS)
  if (readFileSync(`${built}src/${file}`, 'utf8').split(from).length !== 2)
    throw new Error(`${file} does not have this once: ${from}`);

for (const { name, file, from, to } of chosen) {
  rmSync(mutant, { recursive: true, force: true });
  cpSync(built, mutant, { recursive: true });
  const path = `${mutant}src/${file}`;
  const text = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
  const began = Date.now();
  const { stderr, status } = spawnSync(
    process.execPath,
    [`${mutant}test/sim/main.js`, '--seeds', String(SEEDS)],
    // A fault that a thousand seeds do not find takes minutes, so the progress is shown.
    { encoding: 'utf8', stdio: ['ignore', 'inherit', 'pipe'] },
  );
  const seed = /^seed (\d+): (.*)/m.exec(stderr);
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  if (status !== 0 && seed !== null) console.log(`${name}: seed ${seed[1]} (${seconds} s): ${seed[2]}`);
  else {
    missed++;
    console.log(`${name}: NOT FOUND within ${SEEDS} seeds (${seconds} s) ${stderr.slice(0, 300)}`);
  }
}
rmSync(mutant, { recursive: true, force: true });
console.log(`${chosen.length - missed} of ${chosen.length} planted faults found`);
process.exitCode = missed === 0 ? 0 : 1;
