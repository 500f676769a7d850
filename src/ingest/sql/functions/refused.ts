/** Functions that need another AWS service, and what they need (docs/topic-rules.md: The SQL). */
export const REFUSED_FUNCTIONS: Readonly<Record<string, string>> = {
  aws_lambda: 'AWS Lambda in the path of each message',
  get_dynamodb: 'Amazon DynamoDB',
  get_registry_data: 'the AWS IoT thing registry',
  get_secret: 'AWS Secrets Manager',
  get_thing_shadow: 'AWS IoT device shadows',
  machinelearning_predict: 'Amazon Machine Learning',
};

/** `decode` is only refused with this scheme. */
export const PROTOBUF = 'descriptors of Protocol Buffers in Amazon S3';
