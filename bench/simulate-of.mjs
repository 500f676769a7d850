import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { main } from '../dist/cli/main.js';
import { createDetector } from '../dist/core/detector/detector.js';
import { advance } from '../dist/core/detector/step.js';
import { parseJson } from '../dist/core/expression/json.js';
import { compileModel } from '../dist/core/model/compile.js';
import { DEFAULT_LIMITS } from '../dist/limits.js';
import { MOTOR } from './motor.mjs';

/**
 * Plays a file of messages and prints to standard error the processor seconds and the peak resident megabytes: `node
 * simulate-of.mjs simulate MODEL FILE` like the command, `node simulate-of.mjs steps MODEL FILE` with only reading
 * lines, parsing and steps.
 */
const [kind, modelFile, file] = process.argv.slice(2);
await (kind === 'simulate' ? simulate() : steps());
const { user, system } = process.cpuUsage();
const seconds = (user + system) / 1e6;
process.stderr.write(`${JSON.stringify({ seconds, megabytes: process.resourceUsage().maxRSS / 1024 })}\n`);

async function simulate() {
  const code = await main([
    'node',
    'tripline',
    'simulate',
    modelFile,
    '--messages',
    file,
    '--summary',
    '--json',
  ]);
  if (code !== 0) throw new Error(`simulate exits with ${code}`);
}

async function steps() {
  const { model } = compileModel({ ...MOTOR, detectorModelVersion: '1' });
  const input = model.inputs.get('PressureInput');
  const detectors = new Map();
  let sequence = 0;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { payload, time } = parseJson(line).value;
    const keyValue = payload.motorid;
    const context = { now: time, sequence: ++sequence, keyValue, limits: DEFAULT_LIMITS, trace: false };
    let detector = detectors.get(keyValue);
    const isNew = detector === undefined;
    if (isNew) {
      detector = createDetector(model, context);
      detectors.set(keyValue, detector);
    }
    const trigger = { type: 'Message', input, messageId: 'm', payload: { text: line, value: payload } };
    advance(model, detector, isNew, trigger, context);
  }
  process.stdout.write(`${JSON.stringify({ detectorCount: detectors.size, evaluations: sequence })}\n`);
}
