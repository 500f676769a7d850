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
import { readAnswersWhole } from './answer.ts';
import { isPassing, SendError } from './classify-error.ts';
import type { Credentials } from './role-credentials.ts';
import type { Sender } from './sender.ts';

/** Settings for every client; everything else is up to the SDK: credentials, endpoints, proxies. */
export interface ClientSettings {
  readonly region: string;
  readonly maxAttempts: number;
  /** Maximum bytes of an answer. */
  readonly answerBytes: number;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: boolean;
    readonly httpAgent: { readonly maxSockets: number };
    readonly httpsAgent: { readonly maxSockets: number };
  };
  /** Absent for the SDK's default chain. */
  readonly credentials?: () => Promise<Credentials>;
}

/*
 * One sender for each service. Each loads its client first: a server loads only the services that its models use, and
 * while loading is still possible. Binary members are base64 in the outbox and become bytes here, as the SDK expects.
 */

/** Creates senders; their code is loaded. */
export type MakeSender = (settings: ClientSettings) => Sender;

type Input = ServiceRequest['input'];

/** Common to the clients of all services. */
interface Client {
  readonly config: Parameters<typeof readAnswersWhole>[0]['config'] & {
    readonly credentials: () => Promise<unknown>;
  };
  destroy(): void;
}

function sender(
  client: Client,
  { answerBytes }: ClientSettings,
  call: (request: ServiceRequest, abortSignal: AbortSignal) => Promise<unknown>,
  isJson = true,
): Sender {
  readAnswersWhole(client, { answerBytes, isJson });
  return {
    send: async (request, signal) => void (await call(request, signal)),
    warm: async () => void (await client.config.credentials()),
    close: () => client.destroy(),
  };
}

export async function snsSender(): Promise<MakeSender> {
  const { PublishCommand, SNSClient } = await import('@aws-sdk/client-sns');
  return (settings) => {
    const client = new SNSClient(settings);
    return sender(
      client,
      settings,
      async ({ input }, abortSignal) => {
        const command = new PublishCommand(typed<SnsPublishCommandInput>(input));
        const { MessageId } = await client.send(command, { abortSignal });
        confirmPublished(MessageId);
      },
      false,
    );
  };
}

/**
 * Messages go to a configured endpoint, otherwise to the host in the queue's URL. By default the SDK prefers the
 * queue's host in either case, and warns about each message whose queue is not at the region's endpoint.
 */
export async function sqsSender(): Promise<MakeSender> {
  const { SendMessageCommand, SQSClient } = await import('@aws-sdk/client-sqs');
  return (settings) => {
    const useQueueUrlAsEndpoint = !hasEndpoint('SQS');
    const client = new SQSClient({ ...settings, useQueueUrlAsEndpoint, logger: SILENT });
    return sender(client, settings, async ({ input }, abortSignal) => {
      const command = new SendMessageCommand(typed<SendMessageCommandInput>(input));
      await client.send(command, { abortSignal });
    });
  };
}

const SILENT = { trace: () => {}, debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export async function lambdaSender(): Promise<MakeSender> {
  const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  return (settings) => {
    const client = new LambdaClient(settings);
    return sender(client, settings, async ({ input }, abortSignal) => {
      const command = new InvokeCommand(typed<InvokeCommandInput>(input));
      await client.send(command, { abortSignal });
    });
  };
}

export async function firehoseSender(): Promise<MakeSender> {
  const { FirehoseClient, PutRecordCommand } = await import('@aws-sdk/client-firehose');
  return (settings) => {
    const client = new FirehoseClient(settings);
    return sender(client, settings, async ({ input }, abortSignal) => {
      const { Data } = input.Record as { readonly Data: string };
      const decoded = { ...input, Record: { Data: Buffer.from(Data, 'base64') } };
      const command = new PutRecordCommand(typed<PutRecordCommandInput>(decoded));
      await client.send(command, { abortSignal });
    });
  };
}

export async function dynamoDBSender(): Promise<MakeSender> {
  const { DeleteItemCommand, DynamoDBClient, PutItemCommand, UpdateItemCommand } = await import(
    '@aws-sdk/client-dynamodb'
  );
  return (settings) => {
    const client = new DynamoDBClient(settings);
    return sender(client, settings, async ({ operation, input }, abortSignal) => {
      const decoded = withBytes(input) as Input;
      const options = { abortSignal };
      switch (operation) {
        case 'PutItem':
          return client.send(new PutItemCommand(typed<PutItemCommandInput>(decoded)), options);
        case 'UpdateItem':
          return client.send(new UpdateItemCommand(typed<UpdateItemCommandInput>(decoded)), options);
        case 'DeleteItem':
          return client.send(new DeleteItemCommand(typed<DeleteItemCommandInput>(decoded)), options);
        default:
          throw new SendError('TERMINAL', `DynamoDB operation ${operation} is not supported`);
      }
    });
  };
}

/** SiteWise answers 200 even when it has refused an entry; its error for the entry is the failure. */
export async function iotSiteWiseSender(): Promise<MakeSender> {
  const { BatchPutAssetPropertyValueCommand, IoTSiteWiseClient } = await import(
    '@aws-sdk/client-iotsitewise'
  );
  return (settings) => {
    // The prefix `data.` belongs only to the service's own host; a configured endpoint is used unchanged.
    const disableHostPrefix = hasEndpoint('IOTSITEWISE');
    const client = new IoTSiteWiseClient({ ...settings, disableHostPrefix });
    return sender(client, settings, async ({ input }, abortSignal) => {
      const command = new BatchPutAssetPropertyValueCommand(
        typed<BatchPutAssetPropertyValueCommandInput>(input),
      );
      const { errorEntries } = await client.send(command, { abortSignal });
      refuseEntries(errorEntries ?? []);
    });
  };
}

interface ErrorEntry {
  readonly errors:
    | readonly { readonly errorCode: string | undefined; readonly errorMessage: string | undefined }[]
    | undefined;
}

function refuseEntries(errorEntries: readonly ErrorEntry[]): void {
  const errors = errorEntries.flatMap((entry) => entry.errors ?? []);
  if (errors.length === 0) return;
  const passes = errors.every(({ errorCode }) => isPassing(errorCode ?? ''));
  const message = errors.map(({ errorCode, errorMessage }) => `${errorCode}: ${errorMessage}`).join('; ');
  throw new SendError(passes ? 'RETRYABLE' : 'TERMINAL', message);
}

export async function iotDataSender(): Promise<MakeSender> {
  const { IoTDataPlaneClient, PublishCommand } = await import('@aws-sdk/client-iot-data-plane');
  return (settings) => {
    const client = new IoTDataPlaneClient(settings);
    return sender(client, settings, ({ input }, abortSignal) => {
      const command = new PublishCommand(typed<IotPublishCommandInput>(input));
      return client.send(command, { abortSignal });
    });
  };
}

/** SNS answers in XML, which an unrelated page may also be; a genuine success has an id. */
function confirmPublished(messageId: string | undefined): void {
  if (messageId === undefined)
    throw new SendError('RETRYABLE', 'The answer is not from SNS: it has no MessageId');
}

/** Casts the input to the client's type: `build` made it with the member names of that operation. */
function typed<CommandInput>(input: Input): CommandInput {
  return input as CommandInput;
}

/** Whether the environment configures another endpoint for that service. */
function hasEndpoint(service: string): boolean {
  const { env } = process;
  if (env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true') return false;
  return Boolean(env[`AWS_ENDPOINT_URL_${service}`] || env.AWS_ENDPOINT_URL);
}

/** A copy of the input with each `{"B": base64}` decoded to bytes. */
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
