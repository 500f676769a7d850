import { createDetectorModel } from '../dist/api/handlers/detector-models.js';
import { createInput } from '../dist/api/handlers/inputs.js';
import { parseJson } from '../dist/core/expression/json.js';
import { DEFAULT_LIMITS } from '../dist/limits.js';
import { EmbeddedHost } from '../dist/runtime/embedded/host.js';
import { TurnPump } from '../dist/runtime/embedded/pump.js';
import { HostClock } from '../dist/runtime/host-clock.js';
import { MOTOR } from './motor.mjs';

/** Prints the microseconds of one message in a host without a disk: `node scale-of.mjs DETECTORS MODELS`. */
const [detectors, models] = process.argv.slice(2).map(Number);
const MESSAGES = 600_000;
const BATCH = 10;
const nothing = () => {};
const log = { debug: nothing, info: nothing, warn: nothing, error: console.error };
async function* none() {}
const most = 10_000_000;
const limits = {
  ...DEFAULT_LIMITS,
  ...{ inputs: most, detectorModels: most, detectorsPerModel: most, dedupeEntries: most, dedupeWindow: 1 },
};
const pump = await TurnPump.open(
  {
    scanState: async () => {},
    scan: none,
    get: async () => undefined,
    commit: async () => {},
    close: async () => {},
  },
  {
    clock: new HostClock({ log }),
    limits,
    log,
    metrics: { turn: nothing, work: nothing },
    outbox: { isFull: false, prepare: () => ({ rows: [], committed: nothing }) },
  },
);
pump.start();
const host = new EmbeddedHost(pump, {});
const service = { host, limits, region: 'us-east-1', accountId: '000000000000' };
for (let m = 0; m < models; m++) {
  await createInput(service, {
    inputName: `Input${m}`,
    inputDefinition: { attributes: [{ jsonPath: 'motorid' }] },
  });
  const text = JSON.stringify(MOTOR.detectorModelDefinition).replaceAll('PressureInput', `Input${m}`);
  const detectorModelDefinition = JSON.parse(text);
  await createDetectorModel(service, { ...MOTOR, detectorModelName: `motor${m}`, detectorModelDefinition });
}

let number = 0;
async function put(keyOf) {
  const messages = Array.from({ length: BATCH }, () => {
    const n = number++;
    // Each detector belongs to one model.
    const detector = keyOf(n);
    const text = `{"motorid":"motor-${detector}","sensorData":{"pressure":${40 + (n % 50)},"temperature":39.5}}`;
    const payload = { text, value: parseJson(text).value };
    return { messageId: `m${n}`, inputName: `Input${detector % models}`, payload };
  });
  const faults = await host.put(messages);
  if (faults.some((fault) => fault !== undefined)) throw new Error(faults.find(Boolean).message);
}

// Every detector once, then random ones.
while (number < detectors) await put((n) => n);
const random = () => Math.floor(Math.random() * detectors);
const warm = number + MESSAGES / 2;
while (number < warm) await put(random);
const until = number + MESSAGES;
const began = performance.now();
while (number < until) await put(random);
console.log(((performance.now() - began) * 1000) / MESSAGES);
process.exit(0);
