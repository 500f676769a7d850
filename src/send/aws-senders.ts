import type {
  DeleteItemCommandInput,
  PutItemCommandInput,
  UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { PutRecordCommandInput } from '@aws-sdk/client-firehose';
import type { PublishCommandInput as IotPublishCommandInput } from '@aws-sdk/client-iot-data-plane';
import type { BatchPutAssetPropertyValueCommandInput } from '@aws-sdk/client-iotsitewise';
import type { InvokeCommandInput } from '@aws-sdk/client-lambda';

import type { PublishCommandInput as SnsPublishCommandInput } from '@aws-sdk/client-sns';
import type { SendMessageCommandInput } from '@aws-sdk/client-sqs';
import type { ServiceRequest } from '../core/action/request.ts';
import { isPassing, SendError } from './classify-error.ts';
import type { Credentials } from './role-credentials.ts';
import type { Sender } from './sender.ts';

/** What every client is made with; all else is the SDK's own: credentials, endpoints, proxies. */
export interface ClientSettings {
  readonly region: string;
  readonly maxAttempts: number;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: boolean;
    readonly httpAgent: { readonly maxSockets: number };
    readonly httpsAgent: { readonly maxSockets: number };
  };
  /** Absent for the SDK's own chain. */
  readonly credentials?: () => Promise<Credentials>;
}

/*
 * One sender a service. Each loads its client when it is made, so that a server pays only for the services that its
 * models use. Binary members are base64 in the outbox and become bytes here, as the SDK takes them.
 */

type Input = ServiceRequest['input'];

function sender(client: { destroy(): void }, call: (request: ServiceRequest) => Promise<unknown>): Sender {
  return {
    send: async (request) => void (await call(request)),
    close: () => client.destroy(),
  };
}

export async function snsSender(settings: ClientSettings): Promise<Sender> {
  const { PublishCommand, SNSClient } = await import('@aws-sdk/client-sns');
  const client = new SNSClient(settings);
  return sender(client, ({ input }) => client.send(new PublishCommand(typed<SnsPublishCommandInput>(input))));
}

/**
 * Messages go to a configured endpoint, else to the host of the queue's URL. Left to itself the SDK prefers the
 * queue's host in either case, and warns of each message whose queue is elsewhere than the region's endpoint.
 */
export async function sqsSender(settings: ClientSettings): Promise<Sender> {
  const { SendMessageCommand, SQSClient } = await import('@aws-sdk/client-sqs');
  const useQueueUrlAsEndpoint = !hasEndpoint('SQS');
  const client = new SQSClient({ ...settings, useQueueUrlAsEndpoint, logger: SILENT });
  return sender(client, ({ input }) =>
    client.send(new SendMessageCommand(typed<SendMessageCommandInput>(input))),
  );
}

const SILENT = { trace: () => {}, debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export async function lambdaSender(settings: ClientSettings): Promise<Sender> {
  const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const client = new LambdaClient(settings);
  return sender(client, ({ input }) => client.send(new InvokeCommand(typed<InvokeCommandInput>(input))));
}

export async function firehoseSender(settings: ClientSettings): Promise<Sender> {
  const { FirehoseClient, PutRecordCommand } = await import('@aws-sdk/client-firehose');
  const client = new FirehoseClient(settings);
  return sender(client, ({ input }) => {
    const { Data } = input.Record as { readonly Data: string };
    const decoded = { ...input, Record: { Data: Buffer.from(Data, 'base64') } };
    return client.send(new PutRecordCommand(typed<PutRecordCommandInput>(decoded)));
  });
}

export async function dynamoDBSender(settings: ClientSettings): Promise<Sender> {
  const { DeleteItemCommand, DynamoDBClient, PutItemCommand, UpdateItemCommand } = await import(
    '@aws-sdk/client-dynamodb'
  );
  const client = new DynamoDBClient(settings);
  return sender(client, async ({ operation, input }) => {
    const decoded = withBytes(input) as Input;
    switch (operation) {
      case 'PutItem':
        return client.send(new PutItemCommand(typed<PutItemCommandInput>(decoded)));
      case 'UpdateItem':
        return client.send(new UpdateItemCommand(typed<UpdateItemCommandInput>(decoded)));
      case 'DeleteItem':
        return client.send(new DeleteItemCommand(typed<DeleteItemCommandInput>(decoded)));
      default:
        throw new SendError('TERMINAL', `DynamoDB has no operation ${operation} here`);
    }
  });
}

/** SiteWise answers 200 also when it has refused the entry; what it says of it is the failure. */
export async function iotSiteWiseSender(settings: ClientSettings): Promise<Sender> {
  const { BatchPutAssetPropertyValueCommand, IoTSiteWiseClient } = await import(
    '@aws-sdk/client-iotsitewise'
  );
  // `data.` belongs before the service's own host: a configured endpoint is meant as it stands.
  const disableHostPrefix = hasEndpoint('IOTSITEWISE');
  const client = new IoTSiteWiseClient({ ...settings, disableHostPrefix });
  return sender(client, async ({ input }) => {
    const command = new BatchPutAssetPropertyValueCommand(
      typed<BatchPutAssetPropertyValueCommandInput>(input),
    );
    const { errorEntries = [] } = await client.send(command);
    const errors = errorEntries.flatMap((entry) => entry.errors ?? []);
    if (errors.length === 0) return;
    const passes = errors.every(({ errorCode }) => isPassing(errorCode ?? ''));
    const message = errors.map(({ errorCode, errorMessage }) => `${errorCode}: ${errorMessage}`).join('; ');
    throw new SendError(passes ? 'RETRYABLE' : 'TERMINAL', message);
  });
}

export async function iotDataSender(settings: ClientSettings): Promise<Sender> {
  const { IoTDataPlaneClient, PublishCommand } = await import('@aws-sdk/client-iot-data-plane');
  const client = new IoTDataPlaneClient(settings);
  return sender(client, ({ input }) => client.send(new PublishCommand(typed<IotPublishCommandInput>(input))));
}

/** The input as the client's own type: `build` made it by the names of that operation. */
function typed<CommandInput>(input: Input): CommandInput {
  return input as CommandInput;
}

/** Whether the environment points the SDK's client of that service somewhere else. */
function hasEndpoint(service: string): boolean {
  const { env } = process;
  if (env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true') return false;
  return Boolean(env[`AWS_ENDPOINT_URL_${service}`] || env.AWS_ENDPOINT_URL);
}

/** The input with each `{"B": base64}` holding bytes. */
function withBytes(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(withBytes);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => [
      name,
      name === 'B' && typeof value === 'string' ? Buffer.from(value, 'base64') : withBytes(value),
    ]),
  );
}
