import { describe, expect, test } from 'vitest';
import { importTexts } from '../import.ts';
import type { ImportOptions } from '../options.ts';

const MODULE = `
variable "limit" {
  type    = string
  default = 80.50
}
variable "open" {}
variable "names" {
  type    = list(string)
  default = ["a", "b"]
}
locals {
  prefix = "plant-\${var.names[1]}" # the second
  tags   = { team : "ops", "cost center" = "7" }
}
data "aws_region" "here" {}
data "aws_caller_identity" "me" {}
resource "aws_sns_topic" "alerts" { name = "\${local.prefix}-alerts" }
resource "aws_sns_topic" "unnamed" {}
resource "aws_sqs_queue" "work" { name = "work.fifo" }
resource "aws_iam_role" "core" {
  name = "core"
  path = "/iot/"
}
resource "awscc_lambda_function" "fn" { function_name = "handle" }
`;

function description(value: string, options: ImportOptions = {}, more = ''): unknown {
  return imported(value, options, more).inputs[0]?.request.inputDescription;
}

function imported(value: string, options: ImportOptions = {}, more = '') {
  const text = `${MODULE}
resource "awscc_iotevents_input" "reading" {
  input_name        = "Reading"
  input_description = ${value}
  input_definition = {
    attributes = [{ json_path = "a" }, { json_path = "b.c" }]
  }
}
${more}`;
  return importTexts({ files: [{ path: 'dir/main.tf', text, isNamed: true }] }, options);
}

test.each([
  ['"plain"', 'plain'],
  ['30.0', '30'],
  ['1.50e3', '1500'],
  ['true', 'true'],
  ['"a\\n\\"b\\" \\u00e4 $${x} %%{y}"', 'a\n"b" ä ${x} %{y}'],
  ['<<EOT\n  one ${var.limit}\n    two\nEOT\n', '  one 80.5\n    two\n'],
  ['<<-EOT\n    one\n\n      two\n    EOT\n', 'one\n\n  two\n'],
  ['var.limit', '80.5'],
  ['var.open', 'unresolved(var.open)'],
  ['"x ${var.open} y"', 'x unresolved(var.open) y'],
  ['var.nothing', 'unresolved(var.nothing)'],
  ['local.prefix', 'plant-b'],
  ['local.tags["cost center"]', '7'],
  ['local.tags.team', 'ops'],
  ['aws_sns_topic.alerts.arn', 'arn:aws:sns:us-east-1:000000000000:plant-b-alerts'],
  ['aws_sns_topic.unnamed.arn', 'unresolved(aws_sns_topic.unnamed.arn)'],
  ['aws_sqs_queue.work.url', 'https://sqs.us-east-1.amazonaws.com/000000000000/work.fifo'],
  ['aws_iam_role.core.arn', 'arn:aws:iam::000000000000:role/iot/core'],
  ['awscc_lambda_function.fn.arn', 'arn:aws:lambda:us-east-1:000000000000:function:handle'],
  ['"${data.aws_region.here.name}/${data.aws_caller_identity.me.account_id}"', 'us-east-1/000000000000'],
  ['var.limit == "80.5" ? "same" : "other"', 'same'],
  ['var.open == "x" && false ? "a" : "b"', 'b'],
  ['var.open == "x" ? "a" : "b"', 'a'],
  ['!true || false ? "a" : "b"', 'b'],
  ['join("-", var.names)', 'a-b'],
  ['format("%s has %d%%", "x", 5)', 'x has 5%'],
  ['upper(trimspace(" a "))', 'A'],
  ['lower(var.open)', 'unresolved(var.open)'],
  ['replace("a.b.c", ".", "-")', 'a-b-c'],
  ['replace("a1b22", "/[0-9]+/", "#")', 'a#b#'],
  ['jsonencode({ b = [1.0, "<x>"], a = true })', '{"a":true,"b":[1,"\\u003cx\\u003e"]}'],
  ['lookup({ a = "1" }, "b", "none")', 'none'],
  ['element(concat(var.names, ["c"]), 4)', 'b'],
  ['length(var.names)', '2'],
  ['split(",", "x,y")[1]', 'y'],
  ['merge({ a = "1" }, { a = "2" }).a', '2'],
  ['file("x.txt")', 'unresolved(file("x.txt"))'],
  ['[for n in var.names : upper(n)][0]', 'unresolved([for n in var.names : upper(n)])'],
  ['(1 + 2)', 'unresolved(1 + 2)'],
  ['awscc_iotevents_input.reading.id', 'Reading'],
  ['null', undefined],
])('%s', (value, expected) => {
  expect(description(value)).toBe(expected);
});

test('variables have their declared type', () => {
  expect(description('var.limit', { parameters: new Map([['limit', '007']]) })).toBe('007');
  expect(description('var.names[0]', { parameters: new Map([['names', '["z"]']]) })).toBe('z');
});

const RULE = `
resource "aws_iot_topic_rule" "forward" {
  name        = "forward"
  sql         = "SELECT * FROM 'a/#'"
  sql_version = "2016-03-23"
  enabled     = true
  tags        = { team = "o&m" }
  iot_events {
    input_name = awscc_iotevents_input.reading.input_name
    role_arn   = aws_iam_role.core.arn
  }
  dynamodbv2 {
    put_item { table_name = "t" }
    role_arn = "r"
  }
  error_action {
    republish {
      topic    = "errors"
      role_arn = "r"
    }
  }
}
resource "aws_iot_topic_rule" "unrelated" {
  name = "unrelated"
  sns {
    target_arn = "x"
  }
}`;

test('a topic rule', () => {
  const { topicRules, findings } = imported('"x"', {}, RULE);
  expect(topicRules.map(({ request }) => request)).toEqual([
    {
      ruleName: 'forward',
      tags: 'team=o%26m',
      topicRulePayload: {
        sql: "SELECT * FROM 'a/#'",
        awsIotSqlVersion: '2016-03-23',
        ruleDisabled: false,
        actions: [
          { iotEvents: { inputName: 'Reading', roleArn: 'arn:aws:iam::000000000000:role/iot/core' } },
          { dynamoDBv2: { putItem: { tableName: 't' }, roleArn: 'r' } },
        ],
        errorAction: { republish: { topic: 'errors', roleArn: 'r' } },
      },
    },
  ]);
  expect(findings).toMatchObject([{ code: 'unsupported', path: 'topicRulePayload.actions[1]' }]);
});

const STACK = `
resource "aws_cloudformation_stack" "events" {
  name       = "events-stack"
  parameters = { Name = "Valve" }
  template_body = <<-YAML
    Parameters: {Name: {Type: String}}
    Resources:
      Reading:
        Type: AWS::IoTEvents::Input
        Properties:
          InputName: !Ref Name
          InputDescription: !Sub '$\${AWS::StackName}'
          InputDefinition: {Attributes: [{JsonPath: a}]}
  YAML
}`;

test('a template in a stack', () => {
  const { inputs } = imported('"x"', {}, STACK);
  expect(inputs[1]).toMatchObject({
    source: { file: 'dir/main.tf', resource: 'Reading' },
    request: { inputName: 'Valve', inputDescription: 'events-stack' },
  });
});

describe('blocks that stand for several resources', () => {
  const input = (line: string) => `resource "awscc_iotevents_input" "more" {
    ${line}
    input_name = "More"
    input_definition = { attributes = [{ json_path = "a" }] }
  }`;

  test.each([
    ['count = 1', ['Reading', 'More'], []],
    ['count = var.limit == "x" ? 1 : 0', ['Reading'], ['condition-false']],
    ['count = 2', ['Reading'], ['unsupported']],
    ['for_each = toset(["a"])', ['Reading'], ['unsupported']],
  ])('%s', (line, names, codes) => {
    const { inputs, findings } = imported('"x"', {}, input(line));
    expect(inputs.map(({ name }) => name)).toEqual(names);
    expect(findings.map(({ code }) => code)).toEqual(codes);
  });
});

test('the JSON syntax', () => {
  const text = JSON.stringify({
    '//': 'made by a program',
    variable: { limit: { type: 'string', default: '5' } },
    resource: {
      awscc_iotevents_input: {
        reading: {
          input_name: 'Reading',
          input_description: 'below ${var.limit}',
          input_definition: { attributes: [{ json_path: 'a' }] },
        },
      },
      aws_iot_topic_rule: {
        forward: [
          { name: 'f', sql: 's', enabled: false, iot_events: [{ input_name: 'Reading', role_arn: 'r' }] },
        ],
      },
    },
  });
  const { inputs, topicRules, files } = importTexts({
    files: [{ path: 'main.tf.json', text, isNamed: true }],
  });
  expect(files).toEqual([{ path: 'main.tf.json', format: 'terraform' }]);
  expect(inputs.map(({ request }) => request)).toEqual([
    {
      inputName: 'Reading',
      inputDescription: 'below 5',
      inputDefinition: { attributes: [{ jsonPath: 'a' }] },
    },
  ]);
  expect(topicRules.map(({ request }) => request)).toEqual([
    {
      ruleName: 'f',
      topicRulePayload: {
        sql: 's',
        ruleDisabled: true,
        actions: [{ iotEvents: { inputName: 'Reading', roleArn: 'r' } }],
      },
    },
  ]);
});

test('a syntax error is reported with its line', () => {
  const text = 'resource "awscc_iotevents_input" "x" {\n  input_name = \n}\n';
  const { findings } = importTexts({ files: [{ path: 'x.tf', text, isNamed: true }] });
  expect(findings[0]).toMatchObject({ code: 'syntax', file: 'x.tf', line: 2 });
});

test('the files of a folder form one module, in the order of the files', () => {
  const resource = (name: string) =>
    `resource "awscc_iotevents_input" "${name}" {\n  input_name = var.${name}\n  input_definition = { attributes = [{ json_path = "x" }] }\n}`;
  const variable = (name: string) => `variable "${name}" { default = "In_${name}" }`;
  const files = [
    { path: 'd/a.tf', text: `${resource('one')}\n${variable('two')}`, isNamed: true },
    { path: 'd/b.tf', text: `${resource('two')}\n${variable('one')}`, isNamed: true },
  ];
  expect(importTexts({ files }).inputs.map(({ name }) => name)).toEqual(['In_one', 'In_two']);
});
