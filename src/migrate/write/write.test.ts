import fc from 'fast-check';
import { expect, test } from 'vitest';
import { importTexts } from '../import.ts';
import { writeCloudFormation } from './cloudformation.ts';
import type { Requests } from './requests.ts';
import { writeTerraform } from './terraform.ts';

/**
 * Exports in any format can be imported again without changes, even texts that have a special meaning in the format.
 */

const awkward = fc.constantFrom(
  ...[
    '${a}',
    '%{ if x }',
    '$${b}',
    '$',
    '$$',
    '%%{',
    '"',
    '\\',
    '\n',
    '\r\n',
    '\t',
    '\u0001',
    'ä',
    '€',
    '😀',
    '\u2028',
  ],
  ...['{{resolve:ssm:/a}}', '!Ref x', '${!x}', ' ', 'true', '30.0', '<<EOT', '# no comment', '/*', "'"],
);
const text = fc
  .array(fc.oneof(awkward, fc.string({ maxLength: 5 })), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(''))
  .filter((joined) => joined !== '');
const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_]{0,8}$/);
const tags = fc.uniqueArray(fc.record({ key: text, value: text }), {
  maxLength: 3,
  selector: ({ key }) => key,
});
const option = { requiredKeys: [] };

const payload = fc.record({ contentExpression: text, type: fc.constantFrom('STRING', 'JSON') });
const action = fc.oneof(
  fc.record({ setVariable: fc.record({ variableName: name, value: text }) }),
  fc.record({ setTimer: fc.record({ timerName: text, seconds: fc.integer({ min: 1, max: 1000 }) }) }),
  fc.record({ sns: fc.record({ targetArn: text, payload }, { requiredKeys: ['targetArn'] }) }),
  fc.record({ sqs: fc.record({ queueUrl: text, useBase64: fc.boolean() }) }),
  fc.record({ dynamoDB: fc.record({ tableName: text, hashKeyField: text, hashKeyValue: text }) }),
  fc.record({ dynamoDBv2: fc.record({ tableName: text, payload }) }),
  fc.record({
    iotSiteWise: fc.record({
      propertyAlias: text,
      propertyValue: fc.record({ value: fc.record({ doubleValue: text }) }),
    }),
  }),
);
const actions = fc.array(action, { maxLength: 2 });
const events = fc.array(fc.record({ eventName: text, condition: text, actions }), { maxLength: 2 });
const transitionEvents = fc.array(fc.record({ eventName: text, condition: text, nextState: text, actions }), {
  maxLength: 1,
});
const state = fc.record({
  stateName: text,
  onInput: fc.record({ events, transitionEvents }),
  onEnter: fc.record({ events }),
  onExit: fc.record({ events }),
});

const input = fc.record(
  {
    inputName: name,
    inputDescription: text,
    inputDefinition: fc.record({
      attributes: fc.array(fc.record({ jsonPath: name }), { minLength: 1, maxLength: 3 }),
    }),
    tags,
  },
  { requiredKeys: ['inputName', 'inputDefinition'] },
);
const detectorModel = fc.record(
  {
    detectorModelName: name,
    detectorModelDefinition: fc.record({
      initialStateName: text,
      states: fc.array(state, { minLength: 1, maxLength: 2 }),
    }),
    detectorModelDescription: text,
    key: name,
    roleArn: text,
    evaluationMethod: fc.constantFrom('BATCH', 'SERIAL'),
    tags,
  },
  { requiredKeys: ['detectorModelName', 'detectorModelDefinition', 'roleArn'] },
);
const alarmModel = fc.record(
  {
    alarmModelName: name,
    roleArn: text,
    severity: fc.nat(100),
    alarmRule: fc.record({
      simpleRule: fc.record({
        inputProperty: text,
        comparisonOperator: fc.constant('LESS'),
        threshold: text,
      }),
    }),
    alarmCapabilities: fc.record({ acknowledgeFlow: fc.record({ enabled: fc.boolean() }) }, option),
    alarmEventActions: fc.record({
      alarmActions: actions.filter((list) => list.every((each) => 'sns' in each)),
    }),
    tags,
  },
  { requiredKeys: ['alarmModelName', 'roleArn', 'alarmRule'] },
);
const ruleAction = fc.oneof(
  fc.record({
    iotEvents: fc.record({ inputName: name, roleArn: text, messageId: text, batchMode: fc.boolean() }),
  }),
  fc.record({ republish: fc.record({ roleArn: text, topic: text, qos: fc.constantFrom(0, 1) }) }),
  fc.record({ dynamoDBv2: fc.record({ roleArn: text, putItem: fc.record({ tableName: text }) }) }),
  fc.record({
    kafka: fc.record({ topic: text, clientProperties: fc.dictionary(name, text, { maxKeys: 2 }) }),
  }),
  fc.record({
    timestream: fc.record({ dimensions: fc.array(fc.record({ name: text, value: text }), { maxLength: 2 }) }),
  }),
);
const topicRule = fc.record(
  {
    ruleName: name,
    topicRulePayload: fc.record(
      {
        sql: text,
        description: text,
        actions: fc.array(ruleAction, { maxLength: 3 }),
        ruleDisabled: fc.boolean(),
        awsIotSqlVersion: fc.constantFrom('2015-10-08', '2016-03-23'),
        errorAction: ruleAction,
      },
      { requiredKeys: ['sql', 'actions'] },
    ),
    tags: tags
      .filter((list) => list.length > 0 && list.every(({ key, value }) => (key + value).isWellFormed()))
      .map((list) =>
        list.map(({ key, value }) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&'),
      ),
  },
  { requiredKeys: ['ruleName', 'topicRulePayload'] },
);

const unique = <T>(each: fc.Arbitrary<T>, nameOf: (request: T) => string) =>
  fc.uniqueArray(each, { maxLength: 2, selector: nameOf });
const everything: fc.Arbitrary<Requests> = fc.record({
  inputs: unique(input, ({ inputName }) => inputName),
  detectorModels: unique(detectorModel, ({ detectorModelName }) => detectorModelName),
  alarmModels: unique(alarmModel, ({ alarmModelName }) => alarmModelName),
  topicRules: unique(topicRule, ({ ruleName }) => ruleName),
});

/** Imports a text and returns the requests in the form of an export. */
function imported(path: string, written: string) {
  const report = importTexts({ files: [{ path, text: written, isNamed: true }] });
  const requests = (list: typeof report.inputs) => list.map(({ request }) => request);
  return {
    unresolved: report.findings.filter(({ code }) => code === 'unresolved'),
    requests: {
      inputs: requests(report.inputs),
      detectorModels: requests(report.detectorModels),
      alarmModels: requests(report.alarmModels),
      topicRules: requests(report.topicRules),
    },
  };
}

test.each([
  ['api', 'x.json', (requests: Requests) => JSON.stringify(requests)],
  ['cloudformation', 'x.json', (requests: Requests) => writeCloudFormation(requests).text],
  ['terraform', 'x.tf', (requests: Requests) => writeTerraform(requests).text],
])('import(export(x)) = x: %s', (_, path, write) => {
  fc.assert(
    fc.property(everything, (requests) => {
      const { requests: again, unresolved } = imported(path, write(requests));
      expect(again).toEqual(requests);
      expect(unresolved).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test('a notification is left out of CloudFormation and Terraform, and reported', () => {
  const alarm = {
    alarmModelName: 'A',
    roleArn: 'r',
    alarmRule: {},
    alarmNotification: { notificationActions: [{ action: {} }] },
  };
  const requests = { inputs: [], detectorModels: [], alarmModels: [alarm], topicRules: [] };
  for (const { text: written, omitted } of [writeCloudFormation(requests), writeTerraform(requests)]) {
    expect(written).not.toMatch(/notification/i);
    expect(omitted).toHaveLength(1);
  }
});
