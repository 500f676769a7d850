import { expect, test } from 'vitest';
import { OPERATIONS } from './service/table.ts';
import { unknownMembers } from './unknown-members.ts';

const shapes = OPERATIONS.find(({ name }) => name === 'CreateDetectorModel')?.shapes ?? {};

test('members that the API does not know are found at any depth', () => {
  const actions = [{ setTimer: { timerName: 't', second: 60 } }, { SetVariable: { value: '1' } }];
  const definition = {
    initialStateName: 'A',
    comment: 'mine',
    states: [{ stateName: 'A', onEntry: {}, onInput: { event: [], events: [{ eventName: 'e', actions }] } }],
  };
  const found = unknownMembers(definition, 'DetectorModelDefinition', shapes);
  expect(found.map(({ path, name }) => `${path} ${name}`)).toEqual([
    ' comment',
    'states[0] onEntry',
    'states[0].onInput event',
    'states[0].onInput.events[0].actions[0].setTimer second',
  ]);
  expect(found[1]?.known).toEqual(['stateName', 'onInput', 'onEnter', 'onExit']);
});

test('inherited members are unknown as well', () => {
  const definition = JSON.parse('{"constructor":1,"__proto__":2,"toString":3}') as unknown;
  expect(unknownMembers(definition, 'DetectorModelDefinition', shapes).map(({ name }) => name)).toEqual([
    'constructor',
    '__proto__',
    'toString',
  ]);
});
