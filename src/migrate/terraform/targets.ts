import { arnOf, type Environment } from '../cloudformation/aws.ts';
import { TARGET_TYPES } from '../cloudformation/targets.ts';

/** A resource type whose references can be computed from the resource's name. */
interface TerraformTarget {
  readonly nameArgument: string;
  readonly attributes: Readonly<
    Record<string, (name: string, environment: Environment, path: string) => string>
  >;
}

const of = (type: string, attribute: string) => TARGET_TYPES[type]?.attributes[attribute] ?? itself;
const itself = (name: string) => name;
const topicArn = of('AWS::SNS::Topic', 'TopicArn');
const queueUrl = of('AWS::SQS::Queue', 'QueueUrl');
const queueArn = of('AWS::SQS::Queue', 'Arn');
const functionArn = of('AWS::Lambda::Function', 'Arn');
const roleArn = of('AWS::IAM::Role', 'Arn');
const tableArn = of('AWS::DynamoDB::Table', 'Arn');
const streamArn = of('AWS::KinesisFirehose::DeliveryStream', 'Arn');
const ruleArn = (name: string, environment: Environment) => arnOf(environment, 'iot', `rule/${name}`);

/** The provider `aws` uses Terraform's names, `awscc` those of CloudFormation (docs/migrating.md: What is read). */
export const TERRAFORM_TARGETS: Readonly<Record<string, TerraformTarget>> = {
  aws_sns_topic: { nameArgument: 'name', attributes: { arn: topicArn, id: topicArn } },
  awscc_sns_topic: {
    nameArgument: 'topic_name',
    attributes: { topic_arn: topicArn, arn: topicArn, id: topicArn },
  },
  aws_sqs_queue: { nameArgument: 'name', attributes: { arn: queueArn, id: queueUrl, url: queueUrl } },
  awscc_sqs_queue: {
    nameArgument: 'queue_name',
    attributes: { arn: queueArn, id: queueUrl, queue_url: queueUrl, url: queueUrl },
  },
  aws_lambda_function: { nameArgument: 'function_name', attributes: { arn: functionArn, id: itself } },
  awscc_lambda_function: { nameArgument: 'function_name', attributes: { arn: functionArn, id: itself } },
  aws_iam_role: { nameArgument: 'name', attributes: { arn: roleArn, id: itself } },
  awscc_iam_role: { nameArgument: 'role_name', attributes: { arn: roleArn, id: itself } },
  aws_dynamodb_table: { nameArgument: 'name', attributes: { arn: tableArn, id: itself } },
  awscc_dynamodb_table: { nameArgument: 'table_name', attributes: { arn: tableArn, id: itself } },
  aws_kinesis_firehose_delivery_stream: {
    nameArgument: 'name',
    attributes: { arn: streamArn, id: streamArn },
  },
  awscc_kinesisfirehose_delivery_stream: {
    nameArgument: 'delivery_stream_name',
    attributes: { arn: streamArn, id: itself },
  },
  awscc_iotevents_input: { nameArgument: 'input_name', attributes: { id: itself } },
  awscc_iotevents_detector_model: { nameArgument: 'detector_model_name', attributes: { id: itself } },
  awscc_iotevents_alarm_model: { nameArgument: 'alarm_model_name', attributes: { id: itself } },
  aws_iot_topic_rule: { nameArgument: 'name', attributes: { arn: ruleArn, id: itself } },
};

/** The types that are imported. Without an explicit name, their resources get the label as their name. */
export const OWN_NAMES: ReadonlySet<string> = new Set([
  ...[
    'awscc_iotevents_input',
    'awscc_iotevents_detector_model',
    'awscc_iotevents_alarm_model',
    'aws_iot_topic_rule',
  ],
]);
