/**
 * Checks whether the current credentials can reach the target of an action, through AWS calls that change nothing.
 * Reports the limits of such a check: describing a topic does not prove that publishing is allowed.
 */
export interface Access {
  /** `local`: delivered within the server. `unknown`: cannot be determined from here. */
  readonly status: 'reachable' | 'denied' | 'absent' | 'local' | 'unknown';
  readonly detail: string;
}

/** Resolves for every outcome; `type` is the action's, `target` its ARN, URL or name, or the text of an expression. */
export async function checkAccess(type: string, target: string, defaultRegion: string): Promise<Access> {
  if (type === 'iotTopicPublish')
    return { status: 'local', detail: 'published to the MQTT broker of the server' };
  if (type === 'iotEvents') return { status: 'local', detail: 'an input of the server' };
  if (target.includes('unresolved(')) return { status: 'unknown', detail: 'the reference is not resolved' };
  const probe = PROBES[type];
  const name = nameOf(type, target);
  if (probe === undefined || name === undefined) {
    return { status: 'unknown', detail: 'what it is for is only known when the action runs' };
  }
  try {
    const config = { region: regionOf(name) ?? defaultRegion, maxAttempts: 2 };
    return { status: 'reachable', detail: await probe(config, name) };
  } catch (error) {
    return outcomeOf(error);
  }
}

/** The account and user of the credentials. Rejects when there are none. */
export async function callerIdentity(region: string): Promise<string> {
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts');
  const { Arn = '' } = await new STSClient({ region, maxAttempts: 2 }).send(new GetCallerIdentityCommand({}));
  return Arn;
}

interface Config {
  readonly region: string;
  readonly maxAttempts: number;
}

/** Each resolves with the name of the check, and rejects like the SDK. */
const PROBES: Readonly<Record<string, (config: Config, name: string) => Promise<string>>> = {
  sns: async (config, TopicArn) => {
    const { GetTopicAttributesCommand, SNSClient } = await import('@aws-sdk/client-sns');
    await new SNSClient(config).send(new GetTopicAttributesCommand({ TopicArn }));
    return 'sns:GetTopicAttributes';
  },
  sqs: async (config, QueueUrl) => {
    const { GetQueueAttributesCommand, SQSClient } = await import('@aws-sdk/client-sqs');
    await new SQSClient(config).send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
    );
    return 'sqs:GetQueueAttributes';
  },
  lambda: async (config, FunctionName) => {
    const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
    // Checks the permission without invoking the function.
    await new LambdaClient(config).send(new InvokeCommand({ FunctionName, InvocationType: 'DryRun' }));
    return 'lambda:InvokeFunction as a dry run';
  },
  firehose: async (config, DeliveryStreamName) => {
    const { DescribeDeliveryStreamCommand, FirehoseClient } = await import('@aws-sdk/client-firehose');
    await new FirehoseClient(config).send(new DescribeDeliveryStreamCommand({ DeliveryStreamName }));
    return 'firehose:DescribeDeliveryStream';
  },
  iotSiteWise: async (config, propertyAlias) => {
    const { GetAssetPropertyValueCommand, IoTSiteWiseClient } = await import('@aws-sdk/client-iotsitewise');
    // An endpoint from the environment has no separate host for data.
    const disableHostPrefix =
      (process.env.AWS_ENDPOINT_URL_IOTSITEWISE ?? process.env.AWS_ENDPOINT_URL) !== undefined;
    const client = new IoTSiteWiseClient({ ...config, disableHostPrefix });
    await client.send(new GetAssetPropertyValueCommand({ propertyAlias }));
    return 'iotsitewise:GetAssetPropertyValue';
  },
  dynamoDB: describeTable,
  dynamoDBv2: describeTable,
};

async function describeTable(config: Config, TableName: string): Promise<string> {
  const { DescribeTableCommand, DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
  await new DynamoDBClient(config).send(new DescribeTableCommand({ TableName }));
  return 'dynamodb:DescribeTable';
}

/**
 * Table names and property aliases are expressions: a string literal has a fixed value, anything else depends on the
 * message.
 */
function nameOf(type: string, target: string): string | undefined {
  if (type === 'iotSiteWise') return /^\s*(['"])([^'"$]+)\1\s*$/.exec(target)?.[2];
  if (!type.startsWith('dynamoDB')) return target;
  return /^\s*(['"])([\w.-]+)\1\s*$/.exec(target)?.[2];
}

function regionOf(name: string): string | undefined {
  return /^arn:[^:]*:[^:]*:([^:]+):/.exec(name)?.[1] ?? /\/\/sqs\.([\w-]+)\./.exec(name)?.[1];
}

function outcomeOf(error: unknown): Access {
  const { name = '', message = '' } = error as Error;
  const detail = `${name}: ${message}`.split('\n')[0] ?? name;
  if (/NotFound|NonExistentQueue|QueueDoesNotExist/.test(name)) return { status: 'absent', detail };
  if (
    /AccessDenied|AuthorizationError|InvalidClientToken|UnrecognizedClient|ExpiredToken|Credentials/.test(
      name,
    )
  ) {
    return { status: 'denied', detail };
  }
  return { status: 'unknown', detail };
}
