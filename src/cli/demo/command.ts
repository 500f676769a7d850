import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import { resolveConfig, type ServeFlags } from '../../server/config.ts';
import type { Server } from '../../server/server.ts';
import { ApiClient } from '../client.ts';
import { stopSignal, withServeFlags } from '../serve.ts';
import { pumpStationFeed, type Reading } from './feed.ts';
import { Report } from './report.ts';

/** `tripline demo`: what `npm start` runs. */
export function demoCommand(): Command {
  return withServeFlags(new Command('demo'))
    .description('Serve, set up the example pump station, feed it and show what happens')
    .option('--once', 'end when the readings have been played')
    .addHelpText('after', '\nExample:\n  tripline demo --once')
    .action(async ({ once, ...flags }: ServeFlags & { readonly once?: boolean }) => {
      const config = resolveConfig({ ...DEFAULTS, ...flags }, process.env);
      const { openLog } = await import('../../server/log.ts');
      const { startServer } = await import('../../server/server.ts');
      const server = await startServer(config, await openLog(config.logLevel));
      try {
        await play(server, config.dataDir);
        if (once === true) return;
        sayWhatNext(server.url);
        await stopSignal();
      } finally {
        await server.close();
      }
    });
}

/** A data directory of its own: what the demonstration leaves behind is not what `tripline serve` starts with. */
const DEFAULTS = { actions: 'record', logLevel: 'warn', dataDir: './tripline-demo' };

/** Seconds after which a pump counts as silent here; the file has a minute, as a plant would. */
const SILENCE = 4;

const EXAMPLES = new URL('../../../examples/pump-station/', import.meta.url);

async function play(server: Server, dataDir: string): Promise<void> {
  const report = newReport();
  const client = new ApiClient(server.url);
  report.heading(`Tripline serves the AWS IoT Events API on ${server.url}`);
  report.line(`Data in ${dataDir}. Actions are built and recorded, not sent.`);
  report.line();
  for (const input of readExample<{ inputName: string }[]>('inputs.json')) {
    await client.put(['/inputs'], ['PUT', `/inputs/${input.inputName}`], input);
    report.line(`input          ${input.inputName}`);
  }
  for (const file of ['pump-pressure.json', 'pump-heartbeat.json']) {
    const model = withShortTimers(
      readExample<{ detectorModelName: string; detectorModelDescription: string }>(file),
    );
    await client.put(['/detector-models'], ['POST', `/detector-models/${model.detectorModelName}`], model);
    report.line(`detector model ${model.detectorModelName}: ${model.detectorModelDescription}`);
  }
  report.line();
  report.heading('Four pumps report. What their detectors make of it:');
  const stop = server.host.observe({ observe: (evaluated, now) => report.evaluation(evaluated, now) });
  const readings = pumpStationFeed();
  await feed(client, readings);
  stop();
  report.line();
  report.heading(`Done: ${readings.length} messages.`);
}

/** Nobody wants to wait a minute to see a timer expire. */
function withShortTimers<T>(model: T): T {
  const shorten = (key: string, value: unknown) => (key === 'seconds' ? SILENCE : value);
  return JSON.parse(JSON.stringify(model), shorten) as T;
}

/** Sends each reading when it is due. */
async function feed(client: ApiClient, readings: readonly Reading[]): Promise<void> {
  const start = Date.now();
  for (const [index, { at, inputName, payload }] of readings.entries()) {
    const early = start + at - Date.now();
    if (early > 0) await wait(early);
    const data = Buffer.from(JSON.stringify(payload)).toString('base64');
    const messages = [{ messageId: `${start}-${index}`, inputName, payload: data }];
    await client.call('POST', '/inputs/messages', { messages });
  }
}

function sayWhatNext(url: string): void {
  const payload = Buffer.from('{"pumpId":"P-101","sensor":{"pressure":8.8}}').toString('base64');
  const message = `{"messages":[{"messageId":"'$RANDOM'","inputName":"PumpPressure","payload":"${payload}"}]}`;
  const report = newReport();
  report.line();
  report.heading('The server stays up; Ctrl-C stops it. Try in another terminal:');
  report.line();
  report.line('  # too much pressure in P-101');
  report.line(`  curl -s ${url}/inputs/messages -d '${message}'`);
  report.line();
  report.line('  # what became of it, and what would have been sent');
  report.line(`  curl -s '${url}/detectors/PumpPressure/keyValues?keyValue=P-101'`);
  report.line(`  curl -s '${url}/_tripline/actions?keyValue=P-101'`);
  report.line();
  report.line('  # or with any AWS client that has AWS IoT Events');
  report.line(`  aws iotevents list-detector-models --endpoint-url ${url}`);
}

function newReport(): Report {
  const colours = process.stdout.isTTY === true && !process.env.NO_COLOR;
  return new Report((line) => process.stdout.write(`${line}\n`), colours);
}

function readExample<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(file, EXAMPLES), 'utf8')) as T;
}
