import { describe, expect, test } from 'vitest';
import { allows, mayAllow, readPolicy } from './policy.ts';

const CREATE = 'iotevents:CreateInput';
const INPUT = 'arn:aws:iotevents:us-east-1:000000000000:input/Pump1';

function statement(members: object): object {
  return { Effect: 'Allow', Action: '*', Resource: '*', ...members };
}

describe('what a policy allows', () => {
  test.each<[name: string, statements: object | object[], allowed: boolean]>([
    ['everything', statement({}), true],
    ['nothing without a statement', [], false],
    ['the action', statement({ Action: CREATE }), true],
    ['the action in any case', statement({ Action: 'IOTEVENTS:createinput' }), true],
    ['one action of several', statement({ Action: ['iotevents:DeleteInput', CREATE] }), true],
    ['actions by a pattern', statement({ Action: 'iotevents:Create*' }), true],
    ['actions by a pattern of one character', statement({ Action: 'iotevents:CreateInpu?' }), true],
    ['not another action', statement({ Action: 'iotevents:DeleteInput' }), false],
    ['not an action that only begins so', statement({ Action: 'iotevents:ListInput?' }), false],
    ['all but an action', statement({ Action: undefined, NotAction: 'iotevents:Delete*' }), true],
    [
      'not the action that is left out',
      statement({ Action: undefined, NotAction: 'iotevents:Create*' }),
      false,
    ],
    ['the resource', statement({ Resource: INPUT }), true],
    ['resources by a pattern', statement({ Resource: 'arn:aws:iotevents:*:*:input/Pump*' }), true],
    ['not another resource', statement({ Resource: INPUT.replace('Pump1', 'Pump2') }), false],
    ['not a resource in other case', statement({ Resource: INPUT.replace('Pump1', 'pump1') }), false],
    ['all but a resource', statement({ Resource: undefined, NotResource: '*input/Valve*' }), true],
    ['not the resource that is left out', statement({ Resource: undefined, NotResource: '*Pump*' }), false],
    [
      'not what is denied, also when it is allowed',
      [statement({}), statement({ Effect: 'Deny', Action: CREATE })],
      false,
    ],
    ['not what is denied first', [statement({ Effect: 'Deny', Resource: INPUT }), statement({})], false],
    [
      'what a Deny does not fit',
      [statement({ Effect: 'Deny', Action: 'iotevents:Delete*' }), statement({})],
      true,
    ],
    [
      'a bracket as itself',
      statement({ Resource: 'arn:aws:iotevents:us-east-1:000000000000:input/Pump[1]' }),
      false,
    ],
  ])('%s', (_name, Statement, allowed) => {
    const policy = readPolicy({ Version: '2012-10-17', Statement: JSON.parse(JSON.stringify(Statement)) });
    expect(allows(policy, { action: CREATE, resource: INPUT })).toBe(allowed);
  });

  test('is fast for a pattern with many stars', () => {
    const policy = readPolicy({ Statement: statement({ Resource: `${'*a'.repeat(30)}b` }) });
    expect(allows(policy, { action: CREATE, resource: 'a'.repeat(60) })).toBe(false);
  });
});

test.each([
  ['what is allowed for one resource', [{}], true],
  ['what no statement names', [{ Action: 'iotevents:DeleteInput' }], false],
  ['what is denied for all', [{}, { Effect: 'Deny', Resource: '*' }], false],
  ['what is denied for another resource', [{}, { Effect: 'Deny', Resource: `${INPUT}Other` }], true],
])('an interface may offer %s: %j', (_name, statements, offered) => {
  const policy = readPolicy({ Statement: statements.map((changes) => statement(changes)) });
  expect(mayAllow(policy, CREATE)).toBe(offered);
});

test.each<[unknown, string]>([
  ['*', 'must be an object'],
  [{ Version: '2020-01-01', Statement: [] }, 'Version must be one of'],
  [{ Version: '2012-10-17' }, 'has no Statement'],
  [{ Statement: [], Principal: '*' }, 'has Principal, which is not one of'],
  [
    { Statement: statement({ Effect: 'allow' }) },
    'Statement 1 of the policy must have the Effect Allow or Deny',
  ],
  [{ Statement: statement({ NotAction: 'x' }) }, 'either Action or NotAction'],
  [{ Statement: { Effect: 'Allow', Action: '*' } }, 'either Resource or NotResource'],
  [{ Statement: statement({ Action: [1] }) }, 'must be a string or a list of strings'],
  [{ Statement: statement({ Condition: {} }) }, 'Condition, which is not supported'],
  [{ Statement: statement({ Principal: '*' }) }, 'has Principal'],
])('%j is refused', (document, message) => {
  expect(() => readPolicy(document)).toThrow(message);
});
