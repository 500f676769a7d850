import { expect, test } from 'vitest';
import { importTexts } from '../import.ts';

const INPUT = (name: string, description: string) => `
  ${name}:
    Type: AWS::IoTEvents::Input
    Properties:
      InputName: ${name}
      InputDescription: ${description}
      InputDefinition: {Attributes: [{JsonPath: a}]}`;

function run(texts: Readonly<Record<string, string>>, beside: Readonly<Record<string, string>> = {}) {
  const files = Object.entries(texts).map(([path, text]) => ({ path, text, isNamed: true }));
  const report = importTexts({ files, read: (path) => beside[path] });
  return {
    report,
    inputs: report.inputs.map(({ request }) => [request.inputName, request.inputDescription]),
  };
}

const filesOf = ({ report }: ReturnType<typeof run>) => report.files.map(({ path }) => path);

const CHILD = `Parameters: {Text: {Type: String}}
Resources:${INPUT('Inner', '!Ref Text')}
Outputs: {Made: {Value: !Sub 'made of \${Text}', Export: {Name: made}}}`;

test('a nested stack has parameters and outputs, and is imported once, in its place', () => {
  const parent = `Resources:
  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./child.yaml, Parameters: {Text: !Sub 'from \${AWS::Region}'}}}
${INPUT('Outer', '!GetAtt Child.Outputs.Made')}`;
  const expected = [
    ['Inner', 'from us-east-1'],
    ['Outer', 'made of from us-east-1'],
  ];
  const beside = run({ 'd/parent.yaml': parent }, { 'd/child.yaml': CHILD });
  expect(beside.inputs).toEqual(expected);
  expect(filesOf(beside)).toEqual(['d/parent.yaml', 'd/child.yaml']);
  const given = run({ 'd/child.yaml': CHILD, 'd/parent.yaml': parent });
  expect(given.inputs).toEqual(expected);
  expect(filesOf(given)).toEqual(['d/child.yaml', 'd/parent.yaml']);
});

test('the files of nested stacks are listed once, after their parents', () => {
  const nesting = (...urls: string[]) =>
    JSON.stringify({
      Resources: Object.fromEntries(
        urls.map((TemplateURL, at) => [
          `Stack${at}`,
          { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL } },
        ]),
      ),
    });
  const leaf = (name: string) => `Resources:${INPUT(name, 'a leaf')}`;
  const { report } = run(
    { 'a.json': nesting('b.json', 'd.yaml', 'd.yaml'), 'z.yaml': leaf('Z') },
    { 'b.json': nesting('c.yaml'), 'c.yaml': leaf('C'), 'd.yaml': leaf('D') },
  );
  expect(report.files).toEqual(
    ['a.json', 'b.json', 'c.yaml', 'd.yaml', 'z.yaml'].map((path) => ({ path, format: 'cloudformation' })),
  );
});

test.each([
  ['no YAML', 'Resources: [', 'syntax', 'child.yaml is'],
  ['no template', 'colour: blue', 'not-recognised', 'child.yaml is not a template'],
])('a nested stack whose file is %s', (_what, child, code, message) => {
  const parent = `Resources:
  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml}}
  Twin: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml}}
${INPUT('Outer', 'x')}`;
  const { report } = run({ 'p.yaml': parent }, { 'child.yaml': child });
  expect(report.findings).toMatchObject([{ level: 'ERROR', code, file: 'child.yaml' }]);
  expect(report.findings[0]?.message).toContain(message);
});

test('templates that nest each other', () => {
  const nesting = (url: string, name: string) => `Resources:
  Next: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ${url}}}
${INPUT(name, 'x')}`;
  const { inputs, report } = run(
    { 'a.yaml': nesting('b.yaml', 'A') },
    { 'a.yaml': nesting('b.yaml', 'A'), 'b.yaml': nesting('a.yaml', 'B') },
  );
  expect(inputs.map(([name]) => name)).toEqual(['B', 'A']);
  expect(report.findings).toMatchObject([{ level: 'WARNING', code: 'unsupported', file: 'b.yaml' }]);
});

test('a nested stack whose template is elsewhere', () => {
  const parent = `Resources:
  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: 'https://s3.amazonaws.com/b/child.yaml'}}
${INPUT('Outer', '!GetAtt Child.Outputs.Made')}`;
  const { inputs, report } = run({ 'd/parent.yaml': parent });
  expect(inputs).toEqual([['Outer', 'unresolved(Child.Outputs.Made)']]);
  expect(report.findings).toMatchObject([
    { level: 'WARNING', code: 'unsupported', resource: 'Child', line: 2 },
    { code: 'unresolved', reference: 'Child.Outputs.Made' },
  ]);
});

test('an export of another template, also of a nested one', () => {
  const user = `Resources:${INPUT('User', '!ImportValue made')}`;
  const parent = `Resources:
  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml, Parameters: {Text: x}}}`;
  expect(run({ 'a.yaml': user, 'p.yaml': parent }, { 'child.yaml': CHILD }).inputs).toEqual([
    ['User', 'made of x'],
    ['Inner', 'x'],
  ]);
});

test('an output folder of the CDK', () => {
  const hash = 'a'.repeat(64);
  const stack = (resources: object) => JSON.stringify({ Resources: resources });
  const input = (name: unknown, description: unknown) => ({
    Type: 'AWS::IoTEvents::Input',
    Properties: {
      InputName: name,
      InputDescription: description,
      InputDefinition: { Attributes: [{ JsonPath: 'a' }] },
    },
  });
  const artifact = (templateFile: string, environment: string, stackName?: string) => ({
    type: 'aws:cloudformation:stack',
    environment,
    properties: { templateFile, stackName },
  });
  const texts = {
    'cdk.out/App.assets.json': JSON.stringify({
      files: { [hash]: { source: { path: 'AppChild.nested.template.json' } } },
    }),
    'cdk.out/App.template.json': stack({
      One: input('One', { 'Fn::Sub': '${AWS::StackName} ${AWS::Region} ${AWS::AccountId}' }),
      Child: {
        Type: 'AWS::CloudFormation::Stack',
        Properties: {
          TemplateURL: { 'Fn::Join': ['', ['https://s3.', { Ref: 'AWS::URLSuffix' }, `/b/${hash}.json`]] },
        },
      },
    }),
    'cdk.out/AppChild.nested.template.json': stack({ Two: input('Two', 'nested') }),
    'cdk.out/Old.template.json': stack({ Three: input('Three', 'of an earlier run') }),
    'cdk.out/assembly-Prod/Prod.template.json': stack({ Four: input('Four', { Ref: 'AWS::StackName' }) }),
    'cdk.out/assembly-Prod/manifest.json': JSON.stringify({
      artifacts: {
        ProdStack: artifact('Prod.template.json', 'aws://unknown-account/unknown-region', 'prod-stack'),
      },
    }),
    'cdk.out/manifest.json': JSON.stringify({
      artifacts: { App: artifact('App.template.json', 'aws://123456789012/eu-west-1') },
    }),
    'cdk.out/tree.json': '{"tree": "AWS::IoTEvents"}',
  };
  const files = Object.entries(texts).map(([path, text]) => ({ path, text, isNamed: false }));
  const { inputs, files: read, findings } = importTexts({ files });
  expect(inputs.map(({ request }) => [request.inputName, request.inputDescription])).toEqual([
    ['One', 'App eu-west-1 123456789012'],
    ['Two', 'nested'],
    ['Four', 'prod-stack'],
  ]);
  expect(read.map(({ path }) => path)).toEqual([
    'cdk.out/App.template.json',
    'cdk.out/AppChild.nested.template.json',
    'cdk.out/assembly-Prod/Prod.template.json',
  ]);
  expect(findings).toEqual([]);
});

test('a condition that is false, and a value that is not allowed', () => {
  const template = `Parameters: {Stage: {Type: String, Default: dev, AllowedValues: [prod, test]}}
Conditions: {IsProd: !Equals [!Ref Stage, prod]}
Resources:
  Gone: {Type: AWS::IoTEvents::Input, Condition: IsProd, Properties: {}}
${INPUT('Kept', '!Ref Gone')}`;
  const { report, inputs } = run({ 'x.yaml': template });
  expect(inputs).toEqual([['Kept', 'unresolved(Gone)']]);
  expect(report.findings.map(({ level, code, resource }) => [level, code, resource])).toEqual([
    ['ERROR', 'parameter', 'Stage'],
    ['INFO', 'condition-false', 'Gone'],
    ['WARNING', 'unresolved', 'Kept'],
  ]);
});

test('circular references stay unresolved', () => {
  const template = `Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}
Resources:${INPUT('One', '!If [A, x, y]')}
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: !GetAtt Topic.TopicName}}
${INPUT('Two', '!Ref Topic')}`;
  expect(run({ 'x.yaml': template }).inputs).toEqual([
    ['One', 'x'],
    ['Two', 'arn:aws:sns:us-east-1:000000000000:unresolved(Topic.TopicName)'],
  ]);
});
