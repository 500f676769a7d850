import { arnOf, type Environment, urlSuffixOf } from './aws.ts';

/** What AWS would return for a resource with an explicit name (docs/migrating.md: What is read). */
export interface TargetType {
  /** The property with the name. */
  readonly nameProperty: string;
  /** Returns the value of `Ref`. */
  readonly ref: (name: string, environment: Environment) => string;
  /** Functions that return the value of `Fn::GetAtt`, by attribute; `path` is that of an IAM role. */
  readonly attributes: Readonly<
    Record<string, (name: string, environment: Environment, path: string) => string>
  >;
}

const topicArn = (name: string, environment: Environment) => arnOf(environment, 'sns', name);
const queueUrl = (name: string, { region, accountId }: Environment) =>
  `https://sqs.${region}.${urlSuffixOf(region)}/${accountId}/${name}`;
const itself = (name: string) => name;

const LAMBDA: TargetType = {
  nameProperty: 'FunctionName',
  ref: itself,
  attributes: { Arn: (name, environment) => arnOf(environment, 'lambda', `function:${name}`) },
};
const TABLE: TargetType = {
  nameProperty: 'TableName',
  ref: itself,
  attributes: { Arn: (name, environment) => arnOf(environment, 'dynamodb', `table/${name}`) },
};

export const TARGET_TYPES: Readonly<Record<string, TargetType>> = {
  'AWS::SNS::Topic': {
    nameProperty: 'TopicName',
    ref: topicArn,
    attributes: { TopicArn: topicArn, TopicName: itself },
  },
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    ref: queueUrl,
    attributes: {
      QueueUrl: queueUrl,
      Arn: (name, environment) => arnOf(environment, 'sqs', name),
      QueueName: itself,
    },
  },
  'AWS::Lambda::Function': LAMBDA,
  'AWS::Serverless::Function': LAMBDA,
  'AWS::DynamoDB::Table': TABLE,
  'AWS::DynamoDB::GlobalTable': TABLE,
  'AWS::Serverless::SimpleTable': TABLE,
  'AWS::KinesisFirehose::DeliveryStream': {
    nameProperty: 'DeliveryStreamName',
    ref: itself,
    attributes: { Arn: (name, environment) => arnOf(environment, 'firehose', `deliverystream/${name}`) },
  },
  'AWS::IAM::Role': {
    nameProperty: 'RoleName',
    ref: itself,
    attributes: { Arn: (name, environment, path) => arnOf(environment, 'iam', `role${path}${name}`) },
  },
};
