import { once } from 'node:events';
import { connect } from 'node:net';

/**
 * Devices that publish with quality of service 1 as fast as they are acknowledged; prints one line.
 *
 *     node mqtt-load.mjs PORT SECONDS ROUND [DEVICES] [IN FLIGHT]
 *
 * Uses raw sockets, since a client library would dominate the measurement.
 */
const [port, seconds, round, devices = 100, inFlight = 10] = process.argv.slice(2).map(Number);
let acknowledged = 0;
let number = 0;
const latencies = [];
const sockets = await Promise.all(Array.from({ length: devices }, (_, index) => device(index)));
// The first second is the warm-up.
await new Promise((resolve) => setTimeout(resolve, 1000));
const early = acknowledged;
acknowledged = 0;
latencies.length = 0;
const began = performance.now();
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const elapsed = (performance.now() - began) / 1000;
for (const socket of sockets) socket.destroy();
latencies.sort((a, b) => a - b);
process.stdout.write(
  JSON.stringify({
    messages: acknowledged / elapsed,
    all: early + acknowledged,
    p99: latencies[Math.floor(latencies.length * 0.99)],
  }),
);

async function device(index) {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.setNoDelay(true);
  const id = `device-${round}-${index}`;
  const header = Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60]);
  socket.write(packet(0x10, [header, text(id)]));
  await once(socket, 'data');
  const sent = new Map();
  let messageId = 0;
  const publish = () => {
    messageId = (messageId % 65_535) + 1;
    const motor = `motor-${(number * 7919) % 1000}`;
    const body = `{"id":"r${round}-${process.pid}-${number}","sensorData":{"pressure":${40 + (number++ % 50)},"temperature":39.5}}`;
    sent.set(messageId, performance.now());
    return packet(0x32, [
      text(`motors/${motor}/status`),
      Buffer.of(messageId >> 8, messageId & 255),
      Buffer.from(body),
    ]);
  };
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const next = [];
    let at = 0;
    for (; at + 4 <= bytes.length; at += 4) {
      if (bytes[at] !== 0x40) throw new Error(`${bytes[at]} is not a PUBACK`);
      const acknowledgedId = bytes.readUInt16BE(at + 2);
      latencies.push(performance.now() - sent.get(acknowledgedId));
      sent.delete(acknowledgedId);
      acknowledged++;
      next.push(publish());
    }
    rest = bytes.subarray(at);
    if (next.length > 0) socket.write(Buffer.concat(next));
  });
  socket.on('error', (error) => {
    throw error;
  });
  socket.write(Buffer.concat(Array.from({ length: inFlight }, publish)));
  return socket;
}

function text(value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 255), bytes]);
}

function packet(type, parts) {
  const body = Buffer.concat(parts);
  const length = [];
  let left = body.length;
  do {
    length.push((left & 127) | (left > 127 ? 128 : 0));
    left >>= 7;
  } while (left > 0);
  return Buffer.concat([Buffer.from([type, ...length]), body]);
}
