import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { invalid } from './errors.ts';
import { compileReader, type RawRequest } from './reader.ts';
import { OPERATIONS } from './service/table.ts';

const readers = new Map(OPERATIONS.map((operation) => [operation.name, compileReader(operation)]));

function read(name: string, raw: Partial<RawRequest>): unknown {
  const reader = [...readers].find(([each]) => each === name)?.[1];
  return reader?.({ path: {}, query: new URLSearchParams(), body: undefined, ...raw });
}

const message = { messageId: 'm-1', inputName: 'PressureInput', payload: 'e30=' };
const put = (...messages: unknown[]) => read('BatchPutMessage', { body: { messages } });
const at = (path: string, shown: string, constraint: string) =>
  `Value ${shown} at '${path}' failed to satisfy constraint: ${constraint}`;

describe('what a handler sees', () => {
  test('decoded payloads, numbers as numbers', () => {
    const timestamp = { timeInMillis: 1_560_796_816_077 };
    expect(put({ ...message, timestamp })).toEqual({
      messages: [{ ...message, payload: Buffer.from('{}'), timestamp }],
    });
  });

  test('no unknown members', () => {
    expect(put({ ...message, unknown: 1, constructor: 2 })).toEqual({
      messages: [{ ...message, payload: Buffer.from('{}') }],
    });
  });

  test('an action of an unknown kind, so that the error can name it', () => {
    const actions = [{ SetVariable: { variableName: 'x' } }, { setTimer: { timerName: 't' }, other: 1 }];
    const states = [{ stateName: 's', onEnter: { events: [{ eventName: 'e', actions }] } }];
    const detectorModelDefinition = { states, initialStateName: 's' };
    const [first, second] = actions;
    expect(read('StartDetectorModelAnalysis', { body: { detectorModelDefinition } })).toMatchObject({
      detectorModelDefinition: {
        states: [{ onEnter: { events: [{ actions: [first, { setTimer: second?.setTimer }] }] } }],
      },
    });
  });

  test('null as absent', () => {
    expect(put({ ...message, timestamp: null })).toEqual({
      messages: [{ ...message, payload: Buffer.from('{}') }],
    });
  });

  test('members of path, query and body together', () => {
    const query = new URLSearchParams('stateName=Normal&maxResults=25&nextToken=abc');
    const detectorModelName = 'motor';
    expect(read('ListDetectors', { path: { detectorModelName }, query })).toEqual({
      detectorModelName,
      stateName: 'Normal',
      maxResults: 25,
      nextToken: 'abc',
    });
  });

  test('a query member under its name in the API', () => {
    const raw = { path: { detectorModelName: 'motor' }, query: new URLSearchParams('version=2') };
    expect(read('DescribeDetectorModel', raw)).toEqual({
      detectorModelName: 'motor',
      detectorModelVersion: '2',
    });
  });

  test('a repeated query member as a list', () => {
    const query = new URLSearchParams('resourceArn=arn&tagKeys=a&tagKeys=b');
    expect(read('UntagResource', { query })).toEqual({ resourceArn: 'arn', tagKeys: ['a', 'b'] });
  });
});

describe('the wording of violations', () => {
  test('one', () => {
    const expected = `1 validation error detected: ${at('messages', 'null', 'Member must not be null')}`;
    expect(() => read('BatchPutMessage', {})).toThrow(invalid(expected));
  });

  test('several', () => {
    const body = { detectorModelName: 'a b', detectorModelDefinition: { states: [], initialStateName: 'x' } };
    const pattern = 'Member must satisfy regular expression pattern: ^[a-zA-Z0-9_-]+$';
    const found = [
      at('detectorModelName', "'a b'", pattern),
      at('detectorModelDefinition.states', "'[]'", 'Member must have length greater than or equal to 1'),
      at('roleArn', 'null', 'Member must not be null'),
    ];
    expect(() => read('CreateDetectorModel', { body })).toThrow(
      invalid(`3 validation errors detected: ${found.join('; ')}`),
    );
  });

  test('as null when the member is null, without a hint at its own spelling', () => {
    const body = { inputName: null, inputDefinition: { attributes: null } };
    const found = [
      at('inputName', 'null', 'Member must not be null'),
      at('inputDefinition.attributes', 'null', 'Member must not be null'),
    ];
    expect(() => read('CreateInput', { body })).toThrow(
      invalid(`2 validation errors detected: ${found.join('; ')}`),
    );
  });

  test('by its range when a whole number is beyond that of its type', () => {
    const query = new URLSearchParams({ maxResults: '3000000000' });
    expect(() => read('ListInputs', { query })).toThrow(
      invalid(
        `1 validation error detected: ${at('maxResults', "'3000000000'", 'Member must have value less than or equal to 250')}`,
      ),
    );
    const state = { stateName: 's', variables: [], timers: [{ name: 't', seconds: 3e9 }] };
    const body = { detectors: [{ messageId: 'm', detectorModelName: 'M', state }] };
    expect(() => read('BatchUpdateDetector', { body })).toThrow(
      invalid(
        `1 validation error detected: ${at('detectors.1.member.state.timers.1.member.seconds', "'3000000000'", 'Member must be an integer')}`,
      ),
    );
  });

  test('with the spelling in the request, if only the case is wrong', () => {
    const body = { InputName: 'I', inputDefinition: { Attributes: [{ JsonPath: 'a' }] } };
    const found = [
      at('inputName', 'null', 'Member must not be null (the request spells it InputName)'),
      at('inputDefinition.attributes', 'null', 'Member must not be null (the request spells it Attributes)'),
    ];
    expect(() => read('CreateInput', { body })).toThrow(
      invalid(`2 validation errors detected: ${found.join('; ')}`),
    );
  });

  test('within lists, counted from 1', () => {
    const actions = [{ setTimer: { timerName: 't', seconds: 0 } }, { setTimer: {} }];
    const events = [{ eventName: 'a' }, { eventName: 'b', actions }];
    const states = [{ stateName: 's' }, { stateName: 't', onInput: { events } }];
    const detectorModelDefinition = { states, initialStateName: 's' };
    const body = { detectorModelName: 'm', roleArn: 'r', detectorModelDefinition };
    const place = 'detectorModelDefinition.states.2.member.onInput.events.2.member.actions';
    const found = [
      at(`${place}.1.member.setTimer.seconds`, "'0'", 'Member must have value greater than or equal to 1'),
      at(`${place}.2.member.setTimer.timerName`, 'null', 'Member must not be null'),
    ];
    expect(() => read('CreateDetectorModel', { body })).toThrow(
      invalid(`2 validation errors detected: ${found.join('; ')}`),
    );
  });

  test('all are counted, twenty are listed', () => {
    const caught = catching(() => put(...Array(50).fill({ ...message, messageId: 7 })));
    expect(caught?.message).toMatch(/^50 validation errors detected: /);
    expect(caught?.message.match(/Value '7' at/g)).toHaveLength(20);
    expect(caught?.message).toContain("at 'messages.20.member.messageId'");
  });

  test.each([
    ['x'.repeat(128), 'x'.repeat(128)],
    ['x'.repeat(129), `${'x'.repeat(128)}...`],
    [`${'x'.repeat(127)}😀`, `${'x'.repeat(127)}...`],
    [[[1]], '[...]'],
    [{}, '{}'],
    [{ a: 1 }, '{...}'],
    [false, 'false'],
    [1e300, '1e+300'],
  ])('%j is shown as %j', (value, shown) => {
    const constraint = typeof value === 'string' ? /Member must have length/ : /Member must be a string/;
    const caught = catching(() => put({ ...message, messageId: value }));
    expect(caught?.message).toContain(`Value '${shown}' at 'messages.1.member.messageId'`);
    expect(caught?.message).toMatch(constraint);
  });

  test('values of any depth are refused in the same way', () => {
    const depth = 200_000;
    const messages = JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
    expect(() => read('BatchPutMessage', { body: { messages } })).toThrow(
      at('messages.1.member', "'[...]'", 'Member must be an object'),
    );
  });
});

test.each([[[]], ['text'], [5], [true], [null]])('a body that is %j is refused', (body) => {
  expect(() => read('CreateInput', { body })).toThrow('The request body is not a JSON object');
});

test.each(['', 'five', '1.5', '+5', '0x5', '1e2', ' 5', '9'.repeat(20)])(
  'maxResults=%j in the query is refused',
  (text) => {
    const query = new URLSearchParams({ maxResults: text });
    expect(() => read('ListInputs', { query })).toThrow(
      at('maxResults', `'${text}'`, 'Member must be an integer'),
    );
  },
);

test.each([
  [-(2 ** 31), true],
  [-(2 ** 31) - 1, false],
  [2 ** 31 - 1, true],
  [2 ** 31, false],
])('%d is an integer: %s', (seconds, accepted) => {
  const state = { stateName: 's', variables: [], timers: [{ name: 't', seconds }] };
  const detectors = [{ messageId: 'm', detectorModelName: 'm', state }];
  const caught = catching(() => read('BatchUpdateDetector', { body: { detectors } }));
  expect(caught === undefined).toBe(accepted);
});

test.each([
  ['\n', true],
  ['\r\n', true],
  [',', true],
  [',,', false],
  ['x,', false],
  ['\n\t', false],
])('a pattern without anchors matches the whole text: %j %s', (separator, accepted) => {
  const firehose = { deliveryStreamName: 'd', separator };
  const events = [{ eventName: 'e', actions: [{ firehose }] }];
  const detectorModelDefinition = {
    states: [{ stateName: 's', onInput: { events } }],
    initialStateName: 's',
  };
  const caught = catching(() => read('StartDetectorModelAnalysis', { body: { detectorModelDefinition } }));
  expect(caught === undefined).toBe(accepted);
});

describe('payloads', () => {
  const accepts = (payload: string) => catching(() => put({ ...message, payload })) === undefined;
  const STRICT = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

  test('base64 is accepted exactly according to its pattern', () => {
    const unit = fc.constantFrom(...'ABCDwxyz0189+/==-_ \n%é☺😀');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 16 }), (payload) => {
        expect(accepts(payload)).toBe(STRICT.test(payload));
      }),
      { numRuns: 20_000 },
    );
  });

  test('any bytes arrive unchanged', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const payload = Buffer.from(bytes).toString('base64');
        expect(put({ ...message, payload })).toMatchObject({ messages: [{ payload: Buffer.from(bytes) }] });
      }),
    );
  });
});

test('any body gives an input or an InvalidRequestException', () => {
  fc.assert(
    fc.property(fc.constantFrom(...readers.keys()), fc.jsonValue(), (name, value) => {
      const path = { inputName: 'a', detectorModelName: 'a', alarmModelName: 'a', analysisId: 'a' };
      const members = ['messages', 'detectors', 'inputDefinition', 'detectorModelDefinition', 'tags'];
      const body = Object.fromEntries(members.map((member) => [member, value]));
      const caught = catching(() => read(name, { path, body }));
      if (caught !== undefined) expect(caught).toMatchObject({ code: 'InvalidRequestException' });
    }),
    { numRuns: 2000 },
  );
});

function catching(run: () => unknown): Error | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
