import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { INPUT, modelFor } from './model.mjs';
import { subscribeSlowly } from './slow-subscriber.mjs';
import { BAD_MOODS, startTarget } from './target.mjs';

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const pick = (list) => list[Math.floor(Math.random() * list.length)];
const HOUR = 3_600_000;
const WRITERS = 12;

/** A server with its clients, targets and subscribers, and the failures injected into it. */
export class BadDay {
  #disk;
  #clockFile;
  #target;
  #child;
  #url = '';
  #ports = {};
  #writing = true;
  #load = [];
  #unsubscribe = [];
  #log = '';
  /** By key: the numbers sent and acknowledged, and those that arrived, in order. */
  #keys = new Map();
  #arrived = { count: new Map(), quiet: new Map() };
  #twice = 0;
  #counts = {};
  #memory = [];
  #exitCodes = [];

  constructor(folder, disk) {
    this.#disk = disk;
    this.#clockFile = join(folder, 'clock');
    writeFileSync(this.#clockFile, '0');
  }

  async begin() {
    this.#target = await startTarget((body) => this.#arrive(body));
    this.#ports = { http: await freePort(), mqtt: await freePort() };
    this.#url = `http://127.0.0.1:${this.#ports.http}`;
    await this.#start();
    await this.#call('POST', '/inputs', INPUT);
    await this.#call('POST', '/detector-models', modelFor(this.#target.url));
    for (let n = 0; n < 3; n++) this.#unsubscribe.push(subscribeSlowly(this.#ports.mqtt, `slow-${n}`));
    for (let n = 0; n < WRITERS; n++) this.#load.push(this.#write(`k${n}`));
    this.#load.push(this.#watchMemory());
  }

  /** Starts one failure after the other; some overlap with the next ones. */
  async live(milliseconds) {
    const troubles = [
      ['kill', () => this.#kill()],
      ['stop', () => this.#stop()],
      ['jump', () => this.#jump()],
      ['mood', () => this.#moods()],
      ['mood', () => this.#moods()],
      ...(this.#disk.isOwn ? [['full disk', () => this.#fillDisk()]] : []),
    ];
    const until = performance.now() + milliseconds;
    // Each at least once, if there is time.
    for (let n = 0; performance.now() < until; n++) {
      const [name, trouble] = n < troubles.length ? troubles[n] : pick(troubles);
      this.#counts[name] = (this.#counts[name] ?? 0) + 1;
      await trouble();
      await pause(500 + Math.random() * 2500);
    }
  }

  async #start() {
    const bin = fileURLToPath(new URL('../../bin/tripline.js', import.meta.url));
    const preload = new URL('./shifted-time.mjs', import.meta.url).href;
    const args = [
      'serve',
      '--port',
      this.#ports.http,
      '--mqtt-port',
      this.#ports.mqtt,
      '--log-level',
      'warn',
    ];
    const env = {
      ...process.env,
      TRIPLINE_CHAOS_CLOCK: this.#clockFile,
      AWS_ENDPOINT_URL: this.#target.url,
      AWS_ACCESS_KEY_ID: 'k',
      AWS_SECRET_ACCESS_KEY: 's',
      AWS_MAX_ATTEMPTS: '1',
    };
    const child = spawn(
      process.execPath,
      ['--import', preload, bin, ...args.map(String), '--data-dir', join(this.#disk.path, 'data')],
      { env, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        this.#log = (this.#log + chunk).slice(-20_000);
      });
    const until = performance.now() + 120_000;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`The server exited with ${child.exitCode}:\n${this.#log}`);
      if (await this.#isReady()) return;
      if (performance.now() > until) throw new Error(`The server is not ready:\n${this.#log}`);
      await pause(50);
    }
  }

  async #isReady() {
    try {
      return (await fetch(`${this.#url}/readyz`, { signal: AbortSignal.timeout(10_000) })).ok;
    } catch {
      return false;
    }
  }

  async #signal(signal) {
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    const [code] = await exited;
    return code;
  }

  async #kill() {
    await this.#signal('SIGKILL');
    await this.#start();
  }

  async #stop() {
    this.#exitCodes.push(await this.#signal('SIGTERM'));
    await this.#start();
  }

  /** Sets the clock a day ahead, an hour back, or by a little; with or without a correction after four seconds. */
  async #jump() {
    const before = readFileSync(this.#clockFile, 'utf8');
    writeFileSync(this.#clockFile, String(pick([25 * HOUR, -HOUR, 30_000, -30_000])));
    await pause(4000);
    if (Math.random() < 0.5) writeFileSync(this.#clockFile, before);
    // Until the jump is recorded: a server that is killed before counts it as downtime.
    await pause(7000);
  }

  async #moods() {
    for (let n = 0; n < 3; n++) {
      this.#target.mood = pick(BAD_MOODS);
      await pause(500 + Math.random() * 1500);
    }
    if (Math.random() < 0.7) this.#target.mood = 'up';
  }

  async #fillDisk() {
    const { bavail, bsize } = statfsSync(this.#disk.path);
    const file = join(this.#disk.path, 'filling');
    try {
      writeFileSync(file, Buffer.alloc(bavail * bsize));
    } catch {
      // The disk is full, as intended.
    }
    await pause(1000 + Math.random() * 3000);
    rmSync(file, { force: true });
    const until = performance.now() + 60_000;
    while (!(await this.#isReady()) && performance.now() < until) await pause(100);
  }

  async #write(key) {
    const own = { acknowledged: 0 };
    this.#keys.set(key, own);
    while (this.#writing) {
      // Occasionally pauses long enough for a timer to fire.
      if (Math.random() < 0.01) await pause(2500);
      try {
        const n = own.acknowledged + 1;
        const payload = Buffer.from(JSON.stringify({ key, n })).toString('base64');
        const messages = [{ messageId: `${key}-${n}`, inputName: 'Reading', payload }];
        const { BatchPutMessageErrorEntries: errors } = await this.#call('POST', '/inputs/messages', {
          messages,
        });
        if (errors.length === 0) own.acknowledged = n;
        else await pause(100);
      } catch {
        // The server is killed, stopped or full: the same message is sent again.
        await pause(50);
      }
    }
  }

  async #watchMemory() {
    while (this.#writing) {
      const { pid, exitCode } = this.#child;
      try {
        const status = exitCode === null ? readFileSync(`/proc/${pid}/status`, 'utf8') : '';
        const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
        if (kilobytes > 0) this.#memory.push(kilobytes / 1024);
      } catch {
        // It was killed meanwhile, or there is no /proc.
      }
      await pause(1000);
    }
  }

  #arrive(body) {
    const { key, ...said } = JSON.parse(body);
    const [[what, n]] = Object.entries(said);
    const seen = this.#arrived[what].get(key) ?? [];
    this.#arrived[what].set(key, seen);
    if (seen.includes(n)) this.#twice++;
    else seen.push(n);
  }

  /** Waits for pending actions and timers in the quiet period. Returns the faults found. */
  async account() {
    const faults = [];
    this.#target.mood = 'up';
    this.#writing = false;
    await Promise.all(this.#load);
    const until = performance.now() + 120_000;
    for (;;) {
      const pending = await this.#call('GET', '/_tripline/actions?status=PENDING&maxResults=1').catch(
        () => undefined,
      );
      // Timers of two seconds have fired, and none of their actions still waits.
      if (pending?.actions.length === 0 && (await this.#allQuiet())) break;
      if (performance.now() > until) {
        faults.push(`stuck: ${JSON.stringify(pending)} ${this.#log.slice(-2000)}`);
        break;
      }
      await pause(250);
    }
    const { actions: failed } = await this.#call('GET', '/_tripline/actions?status=FAILED&maxResults=5');
    for (const { lastError } of failed) faults.push(`an action is FAILED: ${lastError}`);
    for (const [key, { acknowledged }] of this.#keys) {
      const { count, quiet } = await this.#describe(key);
      if (count < acknowledged || count > acknowledged + 1)
        faults.push(`${key} counted ${count} of ${acknowledged} acknowledged messages`);
      for (const [what, most] of Object.entries({ count, quiet })) {
        const seen = this.#arrived[what].get(key) ?? [];
        const wrong = seen.findIndex((n, index) => n !== index + 1);
        if (wrong >= 0) faults.push(`${what} ${seen[wrong]} of ${key} arrived in place of ${wrong + 1}`);
        if (seen.length !== most) faults.push(`${seen.length} of ${most} (${what}) of ${key} arrived`);
      }
      if (quiet === 0) faults.push(`no timer of ${key} has fired`);
    }
    const half = Math.floor(this.#memory.length / 2);
    const [early, late] = [Math.max(...this.#memory.slice(0, half)), Math.max(...this.#memory.slice(half))];
    if (late > early * 1.3 + 50) faults.push(`memory grew from ${early} to ${late} MB`);
    this.#exitCodes.push(await this.#signal('SIGTERM'));
    const wrong = this.#exitCodes.filter((code) => code !== 0);
    if (wrong.length > 0) faults.push(`exit codes of stops: ${wrong.join()}`);
    return faults;
  }

  async #allQuiet() {
    const { detectorSummaries } = await this.#call('GET', '/detectors/Chaos?maxResults=250');
    if (detectorSummaries.length < WRITERS) return false;
    for (const key of this.#keys.keys()) if ((await this.#describe(key)).isWaiting) return false;
    return true;
  }

  async #describe(key) {
    const { detector } = await this.#call('GET', `/detectors/Chaos/keyValues?keyValue=${key}`);
    const { variables, timers } = detector.state;
    const values = Object.fromEntries(variables.map(({ name, value }) => [name, Number(value)]));
    const ahead = Number(readFileSync(this.#clockFile, 'utf8'));
    return {
      ...values,
      isWaiting: timers.some(({ timestamp }) => timestamp * 1000 > Date.now() + ahead - 3000),
    };
  }

  async #call(method, path, body) {
    const response = await fetch(this.#url + path, {
      method,
      signal: AbortSignal.timeout(20_000),
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }

  summary() {
    const sum = (list) => list.reduce((total, each) => total + each, 0);
    const messages = sum([...this.#keys.values()].map(({ acknowledged }) => acknowledged));
    const arrived = (what) => sum([...this.#arrived[what].values()].map((seen) => seen.length));
    const troubles = Object.entries(this.#counts).map(([name, count]) => `${count} ${name}`);
    return [
      `${messages} messages acknowledged, ${arrived('count')} actions and ${arrived('quiet')} of timers arrived in order, ${this.#twice} twice`,
      `troubles: ${troubles.join(', ')}; exit codes of stops: ${this.#exitCodes.join()}`,
      `memory: at most ${Math.round(Math.max(...this.#memory))} MB`,
    ].join('\n');
  }

  async end() {
    this.#writing = false;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    if (this.#child?.exitCode === null && this.#child.signalCode === null) await this.#signal('SIGKILL');
    await this.#target?.close();
  }
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
