import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ImportFile, importTexts } from './import.ts';
import type { ImportOptions } from './options.ts';

const MODEL = {
  detectorModelName: 'Pump',
  detectorModelDefinition: {
    initialStateName: 'Normal',
    states: [
      {
        stateName: 'Normal',
        onInput: {
          transitionEvents: [
            {
              eventName: 'high',
              condition: '$input.Reading.bar > 9',
              nextState: 'Normal',
              actions: [{ sns: { targetArn: 'arn:aws:sns:us-east-1:000000000000:pumps' } }],
            },
          ],
        },
      },
    ],
  },
  key: 'id',
  roleArn: 'arn:aws:iam::000000000000:role/pump',
};
const READING = {
  inputName: 'Reading',
  inputDefinition: { attributes: [{ jsonPath: 'bar' }, { jsonPath: 'id' }] },
};

function file(path: string, content: unknown): ImportFile {
  const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2);
  return { path, text, isNamed: true };
}

function requests(content: unknown, options: ImportOptions = {}, path = 'Pump.v1.json') {
  const report = importTexts({ files: [file(path, content)] }, options);
  const { inputs, detectorModels, alarmModels, topicRules } = report;
  return {
    report,
    format: report.files[0]?.format,
    requests: [...inputs, ...detectorModels, ...alarmModels, ...topicRules].map(({ request }) => request),
    codes: report.findings.map(({ code }) => code),
  };
}

describe('forms', () => {
  test.each([
    ['a create request', MODEL, 'api', MODEL],
    [
      'a console export with nulls',
      { ...MODEL, detectorModelDescription: null, evaluationMethod: null },
      'api',
      MODEL,
    ],
    [
      'the answer of DescribeDetectorModel',
      {
        detectorModel: {
          detectorModelDefinition: MODEL.detectorModelDefinition,
          detectorModelConfiguration: {
            detectorModelName: 'Pump',
            detectorModelVersion: '7',
            detectorModelArn: 'arn:x',
            roleArn: MODEL.roleArn,
            creationTime: 1.5,
            lastUpdateTime: 1.5,
            status: 'ACTIVE',
            key: 'id',
          },
        },
      },
      'describe',
      MODEL,
    ],
    [
      'an export of the old console',
      {
        schemaVersion: 1,
        detectorModel: {
          detectorModelDefinition: MODEL.detectorModelDefinition,
          detectorModelConfiguration: {
            detectorModelName: 'Pump',
            creationTime: '2019-01-01T00:00:00Z',
            roleArn: MODEL.roleArn,
            key: 'id',
          },
        },
      },
      'describe',
      MODEL,
    ],
    [
      'the answer of DescribeInput',
      {
        input: {
          inputConfiguration: { inputName: 'Reading', inputArn: 'arn:x', status: 'ACTIVE' },
          inputDefinition: READING.inputDefinition,
        },
      },
      'describe',
      READING,
    ],
    ['an input', READING, 'api', READING],
  ])('%s', (_, content, format, request) => {
    const result = requests(content);
    expect(result.requests).toEqual([request]);
    expect(result.format).toBe(format);
    expect(result.codes.filter((code) => code !== 'missing-input')).toEqual([]);
  });

  test('a bare definition is named after its file and lacks a role', () => {
    const { requests: made, format, codes } = requests(MODEL.detectorModelDefinition);
    const { key: _, ...rest } = MODEL;
    expect(made).toEqual([{ ...rest, roleArn: 'unresolved(roleArn)' }]);
    expect(format).toBe('definition');
    expect(codes).toEqual(['generated-name', 'missing-role', 'missing-input']);
  });

  test.each([
    ['a wrapped rule', { ruleName: 'r', topicRulePayload: { sql: 's', actions: [] } }, 'r'],
    [
      'the answer of GetTopicRule',
      { ruleArn: 'x', rule: { ruleName: 'r', createdAt: 1, sql: 's', actions: [] } },
      'r',
    ],
    ['a bare payload', { sql: 's', actions: [] }, 'Pump'],
  ])('%s', (_, content, ruleName) => {
    const result = requests(content);
    expect(result.requests).toEqual([{ ruleName, topicRulePayload: { sql: 's', actions: [] } }]);
    expect(result.format).toBe('topic-rule');
  });

  test('lists and collections', () => {
    expect(requests([READING, MODEL]).requests).toEqual([READING, MODEL]);
    expect(
      requests({ inputs: [READING], detectorModels: [MODEL], alarmModels: [], topicRules: [] }),
    ).toMatchObject({
      requests: [READING, MODEL],
      format: 'api',
      codes: [],
    });
  });

  test('YAML and a byte order mark', () => {
    const text =
      '\ufeffinputName: Reading\ninputDefinition:\n  attributes:\n    - jsonPath: bar\n    - {jsonPath: id}\n';
    expect(requests(text).requests).toEqual([READING]);
  });

  test('members in the spelling of the other formats', () => {
    const text = `
detector_model_name: Pump
role_arn: r
detector_model_definition:
  InitialStateName: A
  states:
    - stateName: A
      on_enter: {events: [{event_name: e, actions: [
        {dynamo_db: {table_name: t, hash_key_field: h, hash_key_value: v}},
        {dynamo_d_bv_2: {table_name: t}}, {DynamoDBv2: {TableName: t}},
        {sqs: {queue_url: q, use_base_64: 'true'}}, {iot_site_wise: {property_alias: p}},
        {SetTimer: {TimerName: t, Seconds: '60'}}]}]}`;
    const [{ detectorModelDefinition }] = requests(text).requests as [
      { detectorModelDefinition: typeof MODEL.detectorModelDefinition },
    ];
    expect(detectorModelDefinition.states[0]).toEqual({
      stateName: 'A',
      onEnter: {
        events: [
          {
            eventName: 'e',
            actions: [
              { dynamoDB: { tableName: 't', hashKeyField: 'h', hashKeyValue: 'v' } },
              { dynamoDBv2: { tableName: 't' } },
              { dynamoDBv2: { tableName: 't' } },
              { sqs: { queueUrl: 'q', useBase64: true } },
              { iotSiteWise: { propertyAlias: 'p' } },
              { setTimer: { timerName: 't', seconds: 60 } },
            ],
          },
        ],
      },
    });
  });
});

describe('findings', () => {
  test('a missing member, with its place', () => {
    const { states } = MODEL.detectorModelDefinition;
    const { report } = requests({ ...MODEL, detectorModelDefinition: { states } });
    expect(report.findings).toMatchObject([
      {
        level: 'ERROR',
        code: 'invalid',
        path: 'detectorModelDefinition.initialStateName',
        line: 3,
        resource: 'Pump',
      },
    ]);
  });

  test('an unknown member is left out, with the nearest name', () => {
    const { report, requests: made } = requests({ ...READING, inputDescriptoin: 'x' });
    expect(made).toEqual([READING]);
    expect(report.findings).toMatchObject([{ code: 'unknown-member', path: 'inputDescriptoin' }]);
    expect(report.findings[0]?.message).toContain('Did you mean inputDescription?');
  });

  test('placeholders of an earlier import are still unresolved', () => {
    const content = { ...MODEL, roleArn: 'unresolved(Role.Arn)' };
    expect(requests(content).report.findings).toMatchObject([
      { code: 'unresolved', reference: 'Role.Arn', path: 'roleArn' },
      { code: 'missing-input', reference: 'Reading' },
    ]);
    const resolve = new Map([['Role.Arn', 'arn:r']]);
    expect(requests(content, { resolve }).requests).toEqual([{ ...MODEL, roleArn: 'arn:r' }]);
  });

  test.each([
    ['{"detectorModelName": ', 'syntax'],
    ['a: [1\nb: 2', 'syntax'],
    ['{"some": "thing"}', 'not-recognised'],
    ['just words', 'not-recognised'],
    ['', 'not-recognised'],
  ])('%s', (text, code) => {
    const { report } = requests(text);
    expect(report.findings.map((each) => each.code)).toEqual([code, 'nothing-found']);
    expect(report.findings[0]).toMatchObject({ level: 'ERROR', file: 'Pump.v1.json' });
  });

  test('other files in a folder are ignored', () => {
    const files = [
      { path: 'd/package.json', text: '{"name": "x"}', isNamed: false },
      { path: 'd/chart.yaml', text: 'a: {{ .Values.b }}', isNamed: false },
      { path: 'd/in.json', text: JSON.stringify(READING), isNamed: false },
    ];
    const { findings, files: read } = importTexts({ files });
    expect(findings).toEqual([]);
    expect(read).toEqual([{ path: 'd/in.json', format: 'api' }]);
  });

  test('a duplicate name', () => {
    const other = { ...READING, inputDescription: 'another' };
    const twice = (second: unknown) =>
      importTexts({ files: [file('a.json', READING), file('b.json', second)] });
    expect(twice(READING).findings).toMatchObject([{ level: 'INFO', code: 'duplicate' }]);
    expect(twice(READING).inputs).toHaveLength(1);
    expect(twice(other).findings).toMatchObject([{ level: 'ERROR', code: 'duplicate', file: 'b.json' }]);
  });

  test('an unresolved part of an expression is not reported as a syntax error as well', () => {
    const text = JSON.stringify(MODEL).replace('> 9', '> unresolved(Limit)');
    expect(requests(text).report.findings.map(({ code }) => code)).toEqual(['unresolved']);
  });

  test("a fault in an alarm's rule has the place of its member", () => {
    const rule = { inputProperty: '$input.Reading.bar', comparisonOperator: 'GREATER', threshold: '> 9' };
    const alarm = { alarmModelName: 'Hot', roleArn: MODEL.roleArn, alarmRule: { simpleRule: rule } };
    const { report } = requests([READING, alarm]);
    expect(report.findings).toMatchObject([{ code: 'invalid', path: 'alarmRule.simpleRule.threshold' }]);
  });

  test('a payload that an alarm action cannot send is a fault', () => {
    const rule = { inputProperty: '$input.Reading.bar', comparisonOperator: 'GREATER', threshold: '9' };
    const sns = { targetArn: 't', payload: { contentExpression: '5', type: 'JSON' } };
    const alarm = {
      alarmModelName: 'Hot',
      roleArn: MODEL.roleArn,
      alarmRule: { simpleRule: rule },
      alarmEventActions: { alarmActions: [{ sns }] },
    };
    expect(requests([READING, alarm]).report.findings).toMatchObject([
      { level: 'ERROR', code: 'invalid', path: 'alarmEventActions.alarmActions[0]' },
    ]);
  });

  test('findings of the analysis have places', () => {
    const text = JSON.stringify(MODEL, null, 1).replace('> 9', '> > 9');
    const [finding] = requests(text).report.findings;
    expect(finding).toMatchObject({
      level: 'ERROR',
      code: 'analysis',
      type: 'expression-syntax',
      path: 'states[0].onInput.transitionEvents[0]',
    });
  });
});

test('targets, each once', () => {
  const { report } = requests([MODEL, { ...MODEL, detectorModelName: 'Second' }]);
  expect(report.targets).toEqual([
    { type: 'sns', target: 'arn:aws:sns:us-east-1:000000000000:pumps', usedBy: ['Pump', 'Second'] },
  ]);
});

test('an input from an example message', () => {
  const text = '{"b": 1, "a": {"x y": [1, 2], "z": null}, "e": {}}';
  const samples = [{ inputName: 'Reading', file: { path: 'message.json', text } }];
  const { inputs, findings } = importTexts({ files: [], samples });
  expect(findings).toEqual([]);
  expect(inputs[0]?.request).toEqual({
    inputName: 'Reading',
    inputDefinition: {
      attributes: [{ jsonPath: 'b' }, { jsonPath: 'a.`x y`' }, { jsonPath: 'a.z' }, { jsonPath: 'e' }],
    },
  });
});

test('a sample without attributes makes an input without attributes, which is refused', () => {
  const samples = [{ inputName: 'Reading', file: { path: 'message.json', text: '{}' } }];
  const { inputs, findings } = importTexts({ files: [], samples });
  expect(inputs[0]?.request.inputDefinition).toEqual({ attributes: [] });
  expect(findings.map(({ path }) => path)).toEqual(['inputDefinition.attributes']);
});

describe('input that expands too far is refused', () => {
  const doubling = (count: number, line: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => line(index)).join('\n');

  test('locals', () => {
    const text = `locals {
      l0 = "xxxxxxxxxx"
      ${doubling(40, (index) => `l${index + 1} = "\${local.l${index}}\${local.l${index}}"`)}
    }
    resource "awscc_iotevents_input" "x" { input_name = local.l40 }`;
    const { findings } = importTexts({ files: [file('x.tf', text)] });
    expect(findings[0]).toMatchObject({ level: 'ERROR', code: 'unsupported' });
  });

  test('a join', () => {
    const long = 'ab'.repeat(10_000);
    const join = { 'Fn::Join': [long, { 'Fn::Split': ['a', long] }] };
    const Resources = { X: { Type: 'AWS::IoTEvents::Input', Properties: { InputName: join } } };
    expect(requests({ Resources }).report.findings[0]).toMatchObject({ level: 'ERROR', code: 'unsupported' });
  });

  test('aliases', () => {
    const text = `a0: &a0 [x, x]\n${doubling(40, (index) => `a${index + 1}: &a${index + 1} [*a${index}, *a${index}]`)}\niotevents: x`;
    expect(requests(text).report.findings[0]).toMatchObject({ level: 'ERROR', code: 'syntax' });
  });
});

test('any file is read or refused, without an exception', () => {
  const seeds = [
    JSON.stringify([MODEL, READING], null, 1),
    `Resources:\n  A:\n    Type: AWS::IoTEvents::Input\n    Properties: {InputName: !Sub '\${X}', Tags: !Ref Y}\n`,
    'resource "awscc_iotevents_input" "x" {\n  input_name = "a${var.b}" == 1 ? <<-E\n  x\n  E\n : [for a in b : c]\n}\n',
  ];
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    ':',
    ',',
    '\n',
    ' ',
    '${',
    '%{',
    '!Ref ',
    '&a ',
    '*a',
    '<<E\n',
    '=',
    '\\',
    '-',
    '#',
    'null',
    '0',
  ];
  const mutation = fc.record({
    at: fc.nat(),
    cut: fc.nat(12),
    put: fc.array(fc.constantFrom(...pieces), { maxLength: 4 }),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...seeds),
      fc.array(mutation, { maxLength: 6 }),
      fc.constantFrom('x.json', 'x.tf'),
      (seed, mutations, path) => {
        const text = mutations.reduce((before, { at, cut, put }) => {
          const from = at % (before.length + 1);
          return before.slice(0, from) + put.join('') + before.slice(from + cut);
        }, seed);
        const { findings, inputs, detectorModels } = importTexts({ files: [file(path, text)] });
        expect(findings.length + inputs.length + detectorModels.length).toBeGreaterThan(0);
      },
    ),
    { numRuns: 500 },
  );
});
