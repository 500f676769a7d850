import { SendError } from './classify-error.ts';
import { createMqttSender, type MqttSender } from './mqtt-sender.ts';
import type { ServiceName, ServiceRequest } from './request.ts';

export interface SendersOptions {
  readonly region: string;
  /** The broker that iotTopicPublish goes to; without one it goes to the AWS IoT data plane. */
  readonly mqttUrl?: string | undefined;
  /** Takes the message of an iotEvents action; rejects when it is refused. */
  readonly putMessage: (message: { messageId: string; inputName: string; payload: Buffer }) => Promise<void>;
}

export interface Senders {
  /** Resolves when the target has taken the request; see `classifyError` for what it rejects with. */
  send(request: ServiceRequest): Promise<void>;
  close(): Promise<void>;
}

/** What the outbox does itself: try again. Time-outs in milliseconds. */
const CLIENT_DEFAULTS = {
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
};

type Send = (input: ServiceRequest['input'], operation: string) => Promise<void>;

/** Sends requests; each client is loaded and made when its service is first needed. */
export function createSenders({ region, mqttUrl, putMessage }: SendersOptions): Senders {
  const closers: (() => void | Promise<void>)[] = [];
  const config = { ...CLIENT_DEFAULTS, region };
  const keep = <C extends { destroy(): void }>(client: C): C => {
    closers.push(() => client.destroy());
    return client;
  };
  const makers: Readonly<Record<ServiceName, () => Promise<Send>>> = {
    sns: async () => {
      const { PublishCommand, SNSClient } = await import('@aws-sdk/client-sns');
      const client = keep(new SNSClient(config));
      return async (input) => void (await client.send(new PublishCommand(input as never)));
    },
    sqs: async () => {
      const { SendMessageCommand, SQSClient } = await import('@aws-sdk/client-sqs');
      // A configured endpoint wins over the host of the queue's URL.
      const useQueueUrlAsEndpoint = !hasOwnEndpoint('SQS');
      const client = keep(new SQSClient({ ...config, useQueueUrlAsEndpoint }));
      return async (input) => void (await client.send(new SendMessageCommand(input as never)));
    },
    lambda: async () => {
      const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
      const client = keep(new LambdaClient(config));
      return async (input) => void (await client.send(new InvokeCommand(input as never)));
    },
    firehose: async () => {
      const { FirehoseClient, PutRecordCommand } = await import('@aws-sdk/client-firehose');
      const client = keep(new FirehoseClient(config));
      return async ({ Record: record, ...rest }) => {
        const { Data } = record as { Data: string };
        await client.send(new PutRecordCommand({ ...rest, Record: { Data: bytes(Data) } } as never));
      };
    },
    dynamodb: async () => {
      const sdk = await import('@aws-sdk/client-dynamodb');
      const client = keep(new sdk.DynamoDBClient(config));
      const commands: Readonly<
        Record<string, new (input: never) => InstanceType<typeof sdk.PutItemCommand>>
      > = {
        PutItem: sdk.PutItemCommand,
        UpdateItem: sdk.UpdateItemCommand as never,
        DeleteItem: sdk.DeleteItemCommand as never,
      };
      return async (input, operation) => {
        const Command = commands[operation];
        if (Command === undefined)
          throw new SendError('TERMINAL', `DynamoDB has no operation ${operation} here`);
        await client.send(new Command(binaryAttributes(input) as never));
      };
    },
    iotsitewise: async () => {
      const { BatchPutAssetPropertyValueCommand, IoTSiteWiseClient } = await import(
        '@aws-sdk/client-iotsitewise'
      );
      // `data.` goes before the service's own host only: a configured endpoint is meant as it stands.
      const disableHostPrefix = hasOwnEndpoint('IOTSITEWISE');
      const client = keep(new IoTSiteWiseClient({ ...config, disableHostPrefix }));
      return async (input) => {
        const answer = await client.send(new BatchPutAssetPropertyValueCommand(input as never));
        const [fault] = answer.errorEntries ?? [];
        const [detail] = fault?.errors ?? [];
        if (detail === undefined) return;
        const passes = ['InternalFailureException', 'ServiceUnavailableException', 'ThrottlingException'];
        const failure = passes.includes(detail.errorCode ?? '') ? 'RETRYABLE' : 'TERMINAL';
        throw new SendError(failure, `${detail.errorCode}: ${detail.errorMessage}`);
      };
    },
    'iot-data': async () => {
      if (mqttUrl !== undefined) return brokerSend(createMqttSender(mqttUrl), closers);
      const { IoTDataPlaneClient, PublishCommand } = await import('@aws-sdk/client-iot-data-plane');
      const client = keep(new IoTDataPlaneClient(config));
      return async (input) => void (await client.send(new PublishCommand(input as never)));
    },
    'iotevents-data': async () => async (input) => {
      const [message] = input.messages as readonly {
        messageId: string;
        inputName: string;
        payload: string;
      }[];
      if (message === undefined) throw new SendError('TERMINAL', 'The request has no message');
      await putMessage({ ...message, payload: Buffer.from(message.payload, 'base64') });
    },
  };
  const made = new Map<ServiceName, Promise<Send>>();
  return {
    async send({ service, operation, input }) {
      const sender = made.get(service) ?? makers[service]();
      made.set(service, sender);
      await (await sender)(input, operation);
    },
    async close() {
      await Promise.all(closers.map((close) => close()));
    },
  };
}

/** Whether the environment points the SDK's client of that service somewhere else. */
function hasOwnEndpoint(service: string): boolean {
  return Boolean(process.env[`AWS_ENDPOINT_URL_${service}`] || process.env.AWS_ENDPOINT_URL);
}

function brokerSend(sender: MqttSender, closers: (() => void | Promise<void>)[]): Send {
  closers.push(() => sender.close());
  return (input) => sender.publish(input.topic as string, input.payload as string);
}

function bytes(base64: string): Uint8Array {
  return Buffer.from(base64, 'base64');
}

/** The input with each `{"B": base64}` holding bytes, as the SDK takes them. */
function binaryAttributes(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(binaryAttributes);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => [
      name,
      name === 'B' && typeof value === 'string' ? bytes(value) : binaryAttributes(value),
    ]),
  );
}
