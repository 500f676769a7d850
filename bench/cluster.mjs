import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http2';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Admin } from '../dist/cluster/admin.js';
import { Ingress } from '../dist/cluster/ingress.js';
import { RestateHost } from '../dist/cluster/restate-host.js';
import { freePorts, restateBinary, startRestate } from '../dist/cluster/restate-server.js';
import { loadSdk } from '../dist/cluster/sdk.js';
import { DEFAULT_LIMITS } from '../dist/limits.js';
import { readPayload } from '../dist/runtime/messages.js';
import { MOTOR } from './motor.mjs';
import { AS_SHIPPED } from './servers.mjs';

/*
 * Messages through a cluster on Restate, all on this machine: Restate's nodes, one worker, and a front in this process
 * that generates the load. Compared with one virtual object for each device, which does what the model does.
 *
 *     npm run bench:cluster
 *     npm run bench:cluster -- --nodes 1 --seconds 5 --detectors 1000,10000 --json FILE
 *
 * Each rate is measured over `--seconds` after a warm-up. The processor time of all processes together is the figure
 * least affected by other load on the machine.
 */
const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1,3' },
    batches: { type: 'string', default: '1,10,100' },
    seconds: { type: 'string', default: '8' },
    detectors: { type: 'string', default: '1000,10000,100000' },
    grow: { type: 'string', default: '1' },
    json: { type: 'string' },
    role: { type: 'string' },
    port: { type: 'string' },
  },
});
const SECONDS = Number(values.seconds);
const KEYS = 1000;
/** Slots of a cluster. */
const SLOTS = 256;
const QUIET = { debug() {}, info() {}, warn() {}, error: console.error };
const limits = { ...DEFAULT_LIMITS, queuedMessages: 1_000_000, detectorsPerModel: 10_000_000 };

async function main() {
  const binary = restateBinary();
  if (binary === undefined) throw new Error('Run: npm install --prefix cluster');
  console.log(`${cpus().length} cores, Node ${process.version}`);
  const rows = [];
  for (const nodes of numbers(values.nodes)) {
    const rig = await start(binary, nodes);
    try {
      const filling = rig.host(100);
      await fill(filling, KEYS);
      await filling.close();
      for (const size of numbers(values.batches)) {
        const host = rig.host(size);
        const flow = flowOf(host, KEYS, size * SLOTS);
        rows.push({ nodes, what: `slots, batches of up to ${size}`, ...(await measure(rig, flow)) });
        show(rows.at(-1));
        await host.close();
      }
      rows.push({
        nodes,
        what: 'a virtual object for each device',
        ...(await measure(rig, deviceFlow(rig))),
      });
      show(rows.at(-1));
    } finally {
      await rig.stop();
    }
  }
  const growth = numbers(values.grow).flatMap((nodes) =>
    numbers(values.detectors).map((detectors) => [nodes, detectors]),
  );
  for (const [nodes, detectors] of growth) {
    const rig = await start(binary, nodes);
    try {
      const host = rig.host(100);
      await fill(host, detectors);
      const flow = flowOf(host, detectors, 100 * SLOTS);
      const row = {
        nodes,
        what: `batches of up to 100, ${detectors} detectors`,
        ...(await measure(rig, flow)),
      };
      rows.push({ ...row, memory: rig.memory() });
      show(rows.at(-1));
      await host.close();
    } finally {
      await rig.stop();
    }
  }
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(rows, undefined, 2));
}

/** Restate, a worker, and the service with an object for each device. */
async function start(binary, nodes) {
  const directory = mkdtempSync(join(tmpdir(), 'tripline-bench-cluster-'));
  const environment = { RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE: nodes === 1 ? '768MiB' : '256MiB' };
  const servers = await startRestate(binary, directory, nodes, { environment });
  const ingressUrl = servers.nodes.map((node) => node.ingressUrl).join(',');
  const adminUrl = servers.nodes.map((node) => node.adminUrl).join(',');
  const admin = new Admin(adminUrl);
  const [workerPort, devicesPort] = await freePorts(2);
  const asShipped = { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...AS_SHIPPED } };
  const config = join(directory, 'worker.json');
  writeFileSync(config, JSON.stringify({ limits: { detectorsPerModel: limits.detectorsPerModel } }));
  const bin = fileURLToPath(new URL('../bin/tripline.js', import.meta.url));
  const worker = spawn(
    process.execPath,
    [
      ...[bin, 'worker', '--port', String(workerPort), '--config', config, '--actions', 'record'],
      ...['--restate-ingress', ingressUrl, '--restate-admin', adminUrl, '--log-level', 'warn'],
    ],
    asShipped,
  );
  const own = [fileURLToPath(import.meta.url), '--role', 'devices', '--port', String(devicesPort)];
  const devices = spawn(process.execPath, own, asShipped);
  // Cleans up when a measurement fails.
  process.once('exit', () => {
    for (const child of [worker, devices, ...servers.nodes.map((node) => node.child)]) child.kill('SIGKILL');
  });
  await untilRegistered(admin, `http://127.0.0.1:${devicesPort}`);
  const host = (size) =>
    new RestateHost({
      ingress: new Ingress(ingressUrl, 'tripline'),
      admin,
      limits,
      log: QUIET,
      batches: { size, wait: 5, giveUp: 60_000 },
    });
  const first = host(100);
  await untilServed(first);
  await first.define('createInput', {
    inputName: 'PressureInput',
    inputDefinition: { attributes: [{ jsonPath: 'motorid' }, { jsonPath: 'sensorData.pressure' }] },
    tags: [],
  });
  await first.define('createDetectorModel', { ...MOTOR, tags: [] });
  await first.close();
  const pids = () => [process.pid, worker.pid, devices.pid, ...servers.nodes.map(({ child }) => child.pid)];
  return {
    host,
    ingressUrl: servers.nodes[0].ingressUrl,
    processorTime: () => pids().reduce((sum, pid) => sum + processorTime(pid), 0),
    parts: () => ({
      front: processorTime(process.pid),
      worker: processorTime(worker.pid),
      restate: servers.nodes.reduce((sum, { child }) => sum + processorTime(child.pid), 0),
    }),
    written: () => servers.nodes.reduce((sum, { child }) => sum + bytesWritten(child.pid), 0),
    memory: () =>
      servers.nodes.map(({ child }) => residentMegabytes(child.pid)).reduce((sum, each) => sum + each, 0),
    async stop() {
      worker.kill('SIGTERM');
      devices.kill('SIGTERM');
      await servers.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function untilRegistered(admin, url) {
  for (let tries = 0; ; tries++) {
    try {
      return await admin.register(url);
    } catch (error) {
      if (tries === 100) throw error;
      await pause(200);
    }
  }
}

async function untilServed(host) {
  for (let tries = 0; ; tries++) {
    try {
      return await host.catalog();
    } catch (error) {
      if (tries === 100) throw error;
      await pause(200);
    }
  }
}

let sent = 0;

/** Keeps so many messages in progress, for random detectors. */
function flowOf(host, keys, underWay) {
  return flow(underWay, async () => {
    const motorid = `m${Math.floor(Math.random() * keys)}`;
    const [outcome] = await host.put([messageOf(motorid)]);
    if (outcome !== undefined) throw new Error(outcome.message);
  });
}

function messageOf(motorid) {
  const payload = readPayload(Buffer.from(bodyOf(motorid)));
  return { messageId: `b${++sent}`, inputName: 'PressureInput', payload };
}

function bodyOf(motorid) {
  return JSON.stringify({ motorid, sensorData: { pressure: Math.floor(Math.random() * 140) } });
}

function deviceFlow({ ingressUrl }) {
  return flow(SLOTS, async () => {
    const motorid = `m${Math.floor(Math.random() * KEYS)}`;
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${ingressUrl}/motor/${motorid}/message`, {
      method: 'POST',
      headers,
      body: bodyOf(motorid),
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`motor: ${response.status}`);
  });
}

function flow(underWay, once) {
  let isOver = false;
  let done = 0;
  const run = async () => {
    while (!isOver) {
      await once();
      done++;
    }
  };
  const all = Array.from({ length: underWay }, run);
  return {
    get done() {
      return done;
    },
    async stop() {
      isOver = true;
      await Promise.all(all);
    },
  };
}

/** Creates each detector once. */
async function fill(host, detectors) {
  const CHUNK = 20_000;
  for (let at = 0; at < detectors; at += CHUNK) {
    const size = Math.min(CHUNK, detectors - at);
    const outcomes = await host.put(Array.from({ length: size }, (_, n) => messageOf(`m${at + n}`)));
    const refused = outcomes.find((outcome) => outcome !== undefined);
    if (refused !== undefined) throw new Error(refused.message);
  }
}

async function measure(rig, flow) {
  await pause(3000);
  const before = {
    at: performance.now(),
    done: flow.done,
    time: rig.processorTime(),
    parts: rig.parts(),
    written: rig.written(),
  };
  await pause(SECONDS * 1000);
  const after = {
    at: performance.now(),
    done: flow.done,
    time: rig.processorTime(),
    parts: rig.parts(),
    written: rig.written(),
  };
  await flow.stop();
  const messages = after.done - before.done;
  return {
    rate: Math.round((messages / (after.at - before.at)) * 1000),
    processor: Math.round(((after.time - before.time) / messages) * 1e6),
    written: Math.round((after.written - before.written) / messages),
    parts: Object.fromEntries(
      Object.entries(after.parts).map(([name, time]) => [
        name,
        Math.round(((time - before.parts[name]) / messages) * 1e6),
      ]),
    ),
  };
}

function show({ nodes, what, rate, processor, parts, written, memory }) {
  const more = memory === undefined ? '' : `, Restate has ${memory} MB`;
  console.log(
    `${nodes} node(s), ${what}: ${rate} messages/s, ${processor} µs of processor each (front ${parts.front}, worker ${parts.worker}, Restate ${parts.restate}), ${written} bytes to disks${more}`,
  );
}

/** Seconds of processor time. */
function processorTime(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Bytes that a process has written to disks. */
function bytesWritten(pid) {
  return Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))[1]);
}

function residentMegabytes(pid) {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(kilobytes) / 1024);
}

async function serveDevices(port) {
  const restate = await loadSdk();
  const motor = restate.object({
    name: 'motor',
    handlers: {
      message: async (context, { sensorData: { pressure } }) => {
        let { state, breached } = (await context.get('motor')) ?? { state: 'Normal', breached: 0 };
        if (state === 'Normal') {
          if (pressure > 70) {
            breached += 3;
            state = 'Dangerous';
          }
        } else if (pressure > 70) breached = 3;
        else if (breached-- <= 1) {
          state = 'Normal';
          breached = 0;
        }
        context.set('motor', { state, breached });
        return { state };
      },
    },
    options: { journalRetention: 0 },
  });
  const handler = restate.createEndpointHandler({ services: [motor], bidirectional: true, logger: () => {} });
  createServer(handler).listen(port, '127.0.0.1');
}

function numbers(text) {
  return text.split(',').filter(Boolean).map(Number);
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

if (values.role === 'devices') await serveDevices(Number(values.port));
else await main();
