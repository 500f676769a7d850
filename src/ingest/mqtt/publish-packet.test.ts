import fc from 'fast-check';
import { generate, type IPublishPacket, type Packet, parser } from 'mqtt-packet';
import { describe, expect, test } from 'vitest';
import { readPublish, writePubacks } from './publish-packet.ts';

/** What the broker library's parser makes of some bytes. */
function parsed(bytes: Buffer): Packet[] {
  const packets: Packet[] = [];
  const library = parser({ protocolVersion: 4 });
  library.on('packet', (packet) => packets.push(packet));
  library.on('error', () => {});
  library.parse(bytes);
  return packets;
}

function expectSame(bytes: Buffer, offset = 0): boolean {
  const packet = readPublish(bytes, offset);
  if (packet === undefined) return false;
  const { topic, payload, qos, retain, messageId, end } = packet;
  const [theirs] = parsed(bytes.subarray(offset, end)) as IPublishPacket[];
  expect({ cmd: 'publish', topic, payload, qos, retain, messageId: messageId || undefined }).toEqual({
    ...{ cmd: theirs?.cmd, topic: theirs?.topic, payload: theirs?.payload },
    ...{ qos: theirs?.qos, retain: theirs?.retain, messageId: theirs?.messageId },
  });
  return true;
}

const published = fc.record({
  topic: fc
    .array(fc.stringMatching(/^[ -~]{0,6}$/), { minLength: 1, maxLength: 4 })
    .map((of) => of.join('/')),
  payload: fc.uint8Array({ maxLength: 400 }),
  qos: fc.constantFrom(0 as const, 1 as const),
  retain: fc.boolean(),
  dup: fc.boolean(),
  messageId: fc.integer({ min: 1, max: 65_535 }),
});

test('a PUBLISH is read as the broker library reads it, wherever it stands', () => {
  fc.assert(
    fc.property(published, fc.uint8Array({ maxLength: 5 }), (packet, before) => {
      fc.pre(packet.topic !== '' && !/[#+]/.test(packet.topic));
      const bytes = generate({
        ...{
          cmd: 'publish',
          ...packet,
          payload: Buffer.from(packet.payload),
          dup: packet.dup && packet.qos > 0,
        },
      });
      expect(expectSame(Buffer.concat([before, bytes, before]), before.length)).toBe(true);
      for (let length = 1; length < bytes.length; length++)
        expect(readPublish(bytes.subarray(0, length), 0)).toBeUndefined();
    }),
  );
});

test('nearly valid bytes are left alone, or read as the broker library reads them', () => {
  let read = 0;
  const first = fc.constantFrom(0x30, 0x31, 0x32, 0x33, 0x3a);
  const rest = fc.array(fc.constantFrom(0, 1, 0x2b, 0x2f, 0x61, 0x62, 0xc3), { maxLength: 10 });
  fc.assert(
    fc.property(first, fc.nat(10), fc.nat(3), rest, (type, length, topicLength, others) => {
      read += Number(expectSame(Buffer.from([type, length, 0, topicLength, ...others])));
    }),
    { numRuns: 5000 },
  );
  expect(read).toBeGreaterThan(50);
});

describe('left to the broker library', () => {
  const topic = (text: string) =>
    generate({ cmd: 'publish', topic: text, payload: '', qos: 0, retain: false, dup: false });
  test.each<[string, Buffer]>([
    ['a SUBSCRIBE', generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'a', qos: 1 }] })],
    ['a DISCONNECT', Buffer.from('e000', 'hex')],
    ['quality of service 2', Buffer.from('34060001610001aa', 'hex')],
    ['quality of service 3', Buffer.from('36060001610001aa', 'hex')],
    ['message id 0', Buffer.from('32050001610000', 'hex')],
    ['a topic that is longer than the packet', Buffer.from('3003000261', 'hex')],
    ['a packet without a message id', Buffer.from('3203000161', 'hex')],
    ['a packet without a topic', Buffer.from('3000', 'hex')],
    ['a length of five bytes', Buffer.from('308080808001000161', 'hex')],
    ['an empty topic', Buffer.from('30020000', 'hex')],
    ['a wildcard', Buffer.from('30040002612b', 'hex')],
    ['a topic with an umlaut', topic('büro/1')],
    ['a topic with a null character', Buffer.from('300400026100', 'hex')],
    ['a topic of 101 levels', topic(Array.from({ length: 101 }, () => 'a').join('/'))],
  ])('%s', (_name, bytes) => {
    expect(readPublish(bytes, 0)).toBeUndefined();
  });
});

test('acknowledgements are written one after another', () => {
  expect(parsed(writePubacks([1, 256, 65_535]))).toMatchObject(
    [1, 256, 65_535].map((messageId) => ({ cmd: 'puback', messageId })),
  );
});
