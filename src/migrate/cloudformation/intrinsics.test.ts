import { expect, test } from 'vitest';
import { importTexts } from '../import.ts';
import type { ImportOptions } from '../options.ts';

/** Evaluates an expression in the description of an input, where it becomes a text of the request. */
function describe(value: string, options: ImportOptions = {}, more = ''): unknown {
  return imported(value, options, more).inputs[0]?.request.inputDescription;
}

function imported(value: string, options: ImportOptions = {}, more = '') {
  const text = `
Parameters:
  Text: {Type: String, Default: given}
  Number: {Type: Number, Default: 30.0}
  Open: {Type: String}
  Letters: {Type: CommaDelimitedList, Default: 'a, b,c'}
  Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a/key}
Mappings:
  Sizes: {us-east-1: {small: 1, large: 2}}
Conditions:
  IsGiven: !Equals [!Ref Text, given]
  IsOther: !Not [!Condition IsGiven]
  IsOpen: !Equals [!Ref Open, x]
  Neither: !And [!Condition IsOpen, !Condition IsOther]
  Either: !Or [!Condition IsOpen, !Condition IsGiven]
Resources:
  Reading:
    Type: AWS::IoTEvents::Input
    Properties:
      InputName: Reading
      InputDescription: ${value}
      InputDefinition: {Attributes: [{JsonPath: a}]}
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: alerts}}
  Unnamed: {Type: AWS::SNS::Topic}
  Fifo: {Type: AWS::SQS::Queue, Properties: {QueueName: work.fifo}}
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: events, Path: /iot/}}
  Table: {Type: AWS::DynamoDB::Table, Properties: {TableName: readings}}
  Stream: {Type: AWS::KinesisFirehose::DeliveryStream, Properties: {DeliveryStreamName: out}}
  Function: {Type: AWS::Lambda::Function, Properties: {FunctionName: !Sub '\${AWS::StackName}-fn'}}
  Gone: {Type: AWS::SNS::Topic, Condition: IsOther, Properties: {TopicName: gone}}
${more}`;
  return importTexts({ files: [{ path: 'dir/my-stack.template.yaml', text, isNamed: true }] }, options);
}

test.each([
  ['!Ref Text', 'given'],
  ['!Ref Number', '30.0'],
  ['{Ref: Open}', 'unresolved(Open)'],
  ['!Ref Stored', 'unresolved(Stored)'],
  ['!Ref Nothing', 'unresolved(Nothing)'],
  ['!Join ["-", !Ref Letters]', 'a-b-c'],
  ['!Select [1, !Ref Letters]', 'b'],
  ['!Select [1, !Split ["|", "x|y|z"]]', 'y'],
  ['!Select [7, !Ref Letters]', 'unresolved(Fn::Select)'],
  ['!Join ["", ["a", !Ref Open, "b"]]', 'aunresolved(Open)b'],
  ['!Base64 "ä"', 'w6Q='],
  ['!Base64 {Ref: Open}', 'unresolved(Open)'],
  ['!FindInMap [Sizes, !Ref AWS::Region, large]', '2'],
  ['!FindInMap [Sizes, !Ref Open, large]', 'unresolved(Open)'],
  ['!FindInMap [Sizes, us-east-1, huge]', 'unresolved(Fn::FindInMap)'],
  ['!If [IsGiven, yes-it-is, no]', 'yes-it-is'],
  ['!If [IsOther, yes-it-is, !Ref AWS::NoValue]', undefined],
  ['!If [IsOpen, a, b]', 'a'],
  ['!If [Neither, a, b]', 'b'],
  ['!If [Either, a, b]', 'a'],
  ["!Sub '${Text} and ${!Text} and ${AWS::Partition}'", 'given and ${Text} and aws'],
  [
    "!Sub ['${Own}/${Text}/${Topic.TopicName}', {Own: !Ref Topic}]",
    'arn:aws:sns:us-east-1:000000000000:alerts/given/alerts',
  ],
  ["!Sub '${!$variable.n}'", '${$variable.n}'],
  ["!Sub 'x ${Open} y'", 'x unresolved(Open) y'],
  [
    "'{{resolve:ssm:/a/b}} and {{resolve:secretsmanager:x:SecretString}}'",
    'unresolved(resolve:ssm:/a/b) and unresolved(resolve:secretsmanager:x:SecretString)',
  ],
  ['!Ref Reading', 'Reading'],
  ['!Ref Topic', 'arn:aws:sns:us-east-1:000000000000:alerts'],
  ['!Ref Unnamed', 'unresolved(Unnamed)'],
  ['!GetAtt Unnamed.TopicArn', 'unresolved(Unnamed.TopicArn)'],
  ['!Ref Gone', 'unresolved(Gone)'],
  ['!GetAtt [Fifo, Arn]', 'arn:aws:sqs:us-east-1:000000000000:work.fifo'],
  ['!Ref Fifo', 'https://sqs.us-east-1.amazonaws.com/000000000000/work.fifo'],
  ['!GetAtt Role.Arn', 'arn:aws:iam::000000000000:role/iot/events'],
  ['!Ref Role', 'events'],
  ['!GetAtt Table.Arn', 'arn:aws:dynamodb:us-east-1:000000000000:table/readings'],
  ['!GetAtt Stream.Arn', 'arn:aws:firehose:us-east-1:000000000000:deliverystream/out'],
  ['!GetAtt Function.Arn', 'arn:aws:lambda:us-east-1:000000000000:function:mystack-fn'],
  ['!ImportValue other', 'unresolved(Fn::ImportValue:other)'],
  ['!Select [0, !GetAZs ""]', 'unresolved(Fn::GetAZs)'],
  ['!Length [a]', 'unresolved(Fn::Length)'],
  ['2020-01-01', '2020-01-01'],
  ['30.0', '30.0'],
  ['true', 'true'],
  ['yes', 'yes'],
])('%s', (value, expected) => {
  expect(describe(value)).toBe(expected);
});

test('the region decides partition and suffix', () => {
  const options = { region: 'cn-north-1', accountId: '123456789012', stackName: 'Plant' };
  expect(describe('!Ref Fifo', options)).toBe(
    'https://sqs.cn-north-1.amazonaws.com.cn/123456789012/work.fifo',
  );
  expect(describe('!GetAtt Function.Arn', options)).toBe(
    'arn:aws-cn:lambda:cn-north-1:123456789012:function:Plant-fn',
  );
  expect(describe("!Sub '${AWS::Partition} ${AWS::URLSuffix}'", { region: 'us-gov-west-1' })).toBe(
    'aws-us-gov amazonaws.com',
  );
});

test('parameters and references can be supplied', () => {
  expect(describe('!Ref Open', { parameters: new Map([['Open', 'a=b']]) })).toBe('a=b');
  expect(describe('!Ref Unnamed', { resolve: new Map([['Unnamed', 'arn']]) })).toBe('arn');
  const { findings } = imported('!Ref Unnamed', { resolve: new Map([['Unnamed', 'arn']]) });
  expect(findings.filter(({ code }) => code === 'unresolved')).toEqual([]);
});

test('the language extensions require their transform', () => {
  const more = 'Transform: AWS::LanguageExtensions';
  expect(describe('!Length [a, b]', {}, more)).toBe('2');
  expect(describe('{Fn::ToJsonString: {a: [1.0, x, !Ref Text]}}', {}, more)).toBe('{"a":[1.0,"x","given"]}');
  expect(describe('!FindInMap [Sizes, us-east-1, huge, {DefaultValue: none}]', {}, more)).toBe('none');
});

test('an unresolved reference is one finding, with its place', () => {
  const { findings } = imported('!Sub "${Open} ${Unnamed}"');
  expect(findings.filter(({ code }) => code === 'unresolved')).toMatchObject([
    { level: 'WARNING', reference: 'Open', path: 'inputDescription', resource: 'Reading', line: 21 },
    { level: 'WARNING', reference: 'Unnamed', path: 'inputDescription', resource: 'Reading', line: 21 },
  ]);
});
