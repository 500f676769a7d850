import { ApiClient } from '../../src/cli/client.ts';
import type { Execution } from '../../src/runtime/delivery/execution.ts';
import type { ServeConfig } from '../../src/server/config.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { pause } from '../support/server-process.ts';
import { MESSAGE } from './cases.ts';
import { runScript, type Wire } from './peers.ts';

const LIMITS = {
  detectorModels: 1000,
  detectorModelsPerInput: 1000,
  messageBytes: 4096,
  deliveryAttempts: 3,
};
export const ROLE = 'arn:aws:iam::123456789012:role/target';

/** A server that sends actions, with an input `Probe`. */
export async function startSending(settings: Partial<ServeConfig> = {}): Promise<TestServer> {
  const server = await startTestServer(LIMITS, { actions: 'aws', ...settings });
  const attributes = Object.keys(JSON.parse(MESSAGE)).map((jsonPath) => ({ jsonPath }));
  await new ApiClient(server.url).call('POST', '/inputs', {
    inputName: 'Probe',
    inputDefinition: { attributes },
  });
  return server;
}

/** A detector model that executes this action for each message. */
export function createModel(server: TestServer, detectorModelName: string, action: object, roleArn = ROLE) {
  const level = { setVariable: { variableName: 'level', value: '3' } };
  return new ApiClient(server.url).call('POST', '/detector-models', {
    detectorModelName,
    key: 'id',
    roleArn,
    detectorModelDefinition: {
      initialStateName: 'Running',
      states: [
        {
          stateName: 'Running',
          onEnter: { events: [{ eventName: 'enter', actions: [level] }] },
          onInput: {
            events: [{ eventName: 'report', condition: 'currentInput("Probe")', actions: [action] }],
          },
        },
      ],
    },
  });
}

/** Sends the message and waits until all deliveries are finished; resolves with all executions by model. */
export async function play(server: TestServer, messageId = 'm1'): Promise<Map<string, Execution>> {
  const payload = Buffer.from(MESSAGE).toString('base64');
  const messages = [{ messageId, inputName: 'Probe', payload }];
  const { BatchPutMessageErrorEntries: errors } = await new ApiClient(server.url).call(
    'POST',
    '/inputs/messages',
    {
      messages,
    },
  );
  if ((errors as unknown[]).length > 0) throw new Error(JSON.stringify(errors));
  const deadline = Date.now() + 60_000;
  for (;;) {
    const { actions } = await server.host.actions.list({}, { maxResults: 1000 });
    if (actions.every(({ status }) => status !== 'PENDING'))
      return new Map(actions.map((execution) => [execution.detectorModelName ?? '', execution]));
    if (Date.now() > deadline) throw new Error(`still pending after 60 s: ${JSON.stringify(actions.at(-1))}`);
    await pause(20);
  }
}

/** A definition with the name of its resource filled in. */
export function forResource(action: object, resource: string): object {
  return JSON.parse(JSON.stringify(action).replaceAll('{resource}', resource)) as object;
}

/** Problems that AWS's own service models find in these requests, each with the request as sent. */
export async function faults(
  executions: Iterable<Execution>,
  wires: readonly Wire[],
): Promise<{ checked: number; faults: string[] }> {
  const left = [...wires];
  const requests = [...executions].map(({ request, actionExecutionId }) => {
    if (request === undefined) throw new Error(`${actionExecutionId} has no request`);
    const index = left.findIndex((wire) => isFor(wire, request.input, request.operation));
    if (index < 0) throw new Error(`${request.operation} of ${actionExecutionId} did not go over the wire`);
    const [wire] = left.splice(index, 1);
    return { ...request, wire };
  });
  return { checked: requests.length, faults: await runScript<string[]>('validate_requests.py', requests) };
}

/** Matches by a text that only this request contains. */
function isFor(
  { path, body, headers }: Wire,
  input: Readonly<Record<string, unknown>>,
  operation: string,
): boolean {
  const names = [input.QueueUrl, input.TopicArn ?? input.TargetArn, input.FunctionName, input.TableName];
  const entries = input.entries as readonly { readonly entryId: string }[] | undefined;
  const [name] = [...names, input.DeliveryStreamName, input.topic, entries?.[0]?.entryId].filter(
    (each) => typeof each === 'string',
  );
  const isOperation = !headers['x-amz-target'] || String(headers['x-amz-target']).endsWith(`.${operation}`);
  const text = `${decodeURIComponent(path)} ${body} ${new URLSearchParams(body)}`;
  const whole = `${text} ${decodeURIComponent(body.replaceAll('+', ' ').replaceAll(/%(?![0-9A-F]{2})/g, '%25'))}`;
  return isOperation && whole.includes(String(name));
}
