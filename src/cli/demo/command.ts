import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import { resolveConfig, type ServeConfig, type ServeFlags } from '../../server/config.ts';
import type { Server } from '../../server/server.ts';
import { UsageError } from '../../server/usage-error.ts';
import { ApiClient } from '../client.ts';
import { withServeFlags } from '../serve.ts';
import { stopAtSignal } from '../stopping.ts';
import { keepToOwner } from '../umask.ts';
import { pumpStationFeed, type Reading } from './feed.ts';
import { Report } from './report.ts';

/** `tripline demo`: what `npm start` runs. */
export function demoCommand(): Command {
  return withServeFlags(new Command('demo'))
    .description('Serve, set up the example pump station, feed it and show what happens')
    .option('--once', 'exit after the last reading')
    .addHelpText('after', '\nExample:\n  tripline demo --once')
    .action(async ({ once, ...flags }: ServeFlags & { readonly once?: boolean }) => {
      keepToOwner();
      const config = resolveConfig({ ...DEFAULTS, ...flags }, process.env);
      if (config.mqttUrl === undefined && config.mqttPort === 0)
        throw new UsageError('The pumps of the demonstration report by MQTT: --mqtt-port must not be 0');
      const { openLog } = await import('../../server/log.ts');
      const { startServer } = await import('../../server/server.ts');
      const log = await openLog(config.logLevel);
      const server = await startServer(config, log);
      try {
        await play(server, config);
      } catch (error) {
        await server.close();
        throw error;
      }
      if (once === true) return server.close();
      sayWhatNext(server.url, config);
      return stopAtSignal(server.close, config.stopTimeout, log);
    });
}

/** A data directory of its own, so `tripline serve` does not start with the data of the demonstration. */
const DEFAULTS = { actions: 'record', logLevel: 'warn', dataDir: './tripline-demo' };

/** Seconds after which a pump counts as silent here; the file has a minute, as a plant would. */
const SILENCE = 4;

const EXAMPLES = new URL('../../../examples/pump-station/', import.meta.url);

async function play(server: Server, config: ServeConfig): Promise<void> {
  const report = newReport();
  const client = new ApiClient(server.url);
  report.heading(`Tripline serves the AWS IoT Events API on ${server.url}`);
  report.line(`Data in ${config.dataDir}. Actions are recorded, not sent.`);
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
  for (const { ruleName, topicRulePayload } of readExample<Rule[]>('rules.json')) {
    await client.put([`/rules/${ruleName}`], ['PATCH', `/rules/${ruleName}`], topicRulePayload);
    report.line(`topic rule     ${ruleName}: ${topicRulePayload.sql}`);
  }
  report.line();
  report.heading('Four pumps publish readings over MQTT. Their detectors react:');
  const stop = server.host.observe({
    keepsStates: () => true,
    observe: (evaluated, now) => report.evaluation(evaluated, now),
  });
  const readings = pumpStationFeed();
  await feed(config, readings);
  stop();
  report.line();
  report.heading(`Done: ${readings.length} messages.`);
}

/** A minute would be too long to wait for a timer in a demonstration. */
function withShortTimers<T>(model: T): T {
  const shorten = (key: string, value: unknown) => (key === 'seconds' ? SILENCE : value);
  return JSON.parse(JSON.stringify(model), shorten) as T;
}

/** Publishes each reading when it is due, as devices do: with QoS 1 and an id of its own. */
async function feed(config: ServeConfig, readings: readonly Reading[]): Promise<void> {
  const { connectAsync } = await import('mqtt');
  const { AWS_ACCESS_KEY_ID: username, AWS_SECRET_ACCESS_KEY: password } = process.env;
  const credentials = config.credentials !== undefined && username && password ? { username, password } : {};
  const client = await connectAsync(brokerOf(config), credentials);
  const start = Date.now();
  for (const [index, { at, topic, payload }] of readings.entries()) {
    const early = start + at - Date.now();
    if (early > 0) await wait(early);
    await client.publishAsync(topic, JSON.stringify({ id: `${start}-${index}`, ...payload }), { qos: 1 });
  }
  await client.endAsync();
}

function brokerOf({ mqttUrl, mqttPort }: ServeConfig): string {
  return mqttUrl ?? `mqtt://127.0.0.1:${mqttPort}`;
}

function sayWhatNext(url: string, config: ServeConfig): void {
  const { hostname, port } = new URL(brokerOf(config));
  const report = newReport();
  report.line();
  report.heading('The server keeps running; press Ctrl-C to stop it. Try in another terminal:');
  report.line();
  report.line('  # too much pressure in P-101 (give the next reading another id)');
  report.line(
    `  mosquitto_pub -h ${hostname} -p ${port || '1883'} -q 1 -t pumps/P-101/pressure -m '{"id":"'$RANDOM'","bar":8.8}'`,
  );
  report.line();
  report.line('  # the same over HTTP, without an MQTT client');
  report.line(`  curl -s '${url}/topics/pumps/P-101/pressure?qos=1' -d '{"id":"'$RANDOM'","bar":8.8}'`);
  report.line();
  report.line('  # the result, and the requests that would have been sent');
  report.line(`  curl -s '${url}/detectors/PumpPressure/keyValues?keyValue=P-101'`);
  report.line(`  curl -s '${url}/_tripline/actions?keyValue=P-101'`);
  report.line();
  report.line('  # or with any AWS client that includes AWS IoT Events');
  report.line(`  aws iotevents list-detector-models --endpoint-url ${url}`);
}

/** A topic rule in the form of its file. */
interface Rule {
  readonly ruleName: string;
  readonly topicRulePayload: { readonly sql: string };
}

function newReport(): Report {
  const colours = process.stdout.isTTY === true && !process.env.NO_COLOR;
  return new Report((line) => process.stdout.write(`${line}\n`), colours);
}

function readExample<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(file, EXAMPLES), 'utf8')) as T;
}
