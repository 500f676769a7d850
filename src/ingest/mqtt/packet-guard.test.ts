import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PacketScanner } from './packet-guard.ts';

function scan(
  chunks: readonly Buffer[],
  limit = 1000,
): { readonly types: number[]; readonly problem: string | undefined } {
  const types: number[] = [];
  const scanner = new PacketScanner({
    limit: () => limit,
    onPacket: (type) => types.push(type),
    isFull: () => false,
    take: () => 0,
  });
  for (const chunk of chunks) {
    const problem = scanner.scan(chunk);
    if (problem !== undefined) return { types, problem };
  }
  return { types, problem: undefined };
}

test('packet boundaries are found in chunks of any size', () => {
  const packets = [
    Buffer.from('100d00044d51545404020000000163', 'hex'),
    // 303 bytes, so the length takes two bytes.
    Buffer.concat([Buffer.from('30af02000161', 'hex'), Buffer.alloc(300)]),
    Buffer.from('c000', 'hex'),
    Buffer.from('e000', 'hex'),
  ];
  const bytes = Buffer.concat(packets);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
      expect(scan(chunks)).toEqual({ types: [1, 3, 12, 14], problem: undefined });
    }),
  );
});

test('a packet that is too long is refused by its length alone', () => {
  expect(scan([Buffer.from('10e807', 'hex')]).problem).toBeUndefined();
  expect(scan([Buffer.from('10e907', 'hex')]).problem).toContain(
    '1001 bytes is larger than the limit of 1000',
  );
  expect(scan([Buffer.from('10ffffff7f', 'hex')]).problem).toContain('268435455 bytes');
});

test('a length of more than four bytes is refused', () => {
  expect(scan([Buffer.from('10808080', 'hex'), Buffer.from('8001', 'hex')]).problem).toContain(
    'no valid length',
  );
});
