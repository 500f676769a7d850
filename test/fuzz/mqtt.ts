import { connect } from 'node:net';
import mqttClient from 'mqtt';
import { openBrokerRig } from '../support/broker-rig.ts';
import type { Target } from './target.ts';

const CONNECT = Buffer.from('101000044d5154540402003c000466757a7a', 'hex');
const PACKETS = [
  CONNECT,
  Buffer.from('300a0004612f622f7061796c', 'hex'),
  Buffer.from('82090001000461626364 00'.replace(' ', ''), 'hex'),
  Buffer.from('c000', 'hex'),
  Buffer.from('e000', 'hex'),
  Buffer.from('3210000461626364000a7061796c6f616421', 'hex'),
];

/** Packets at the port of the embedded broker. */
export async function mqtt(): Promise<Target> {
  const { port, close } = await openBrokerRig();
  return {
    name: 'mqtt',
    async run(random) {
      const packets = random.times(1, 5, () => {
        const packet = Buffer.from(random.pick(PACKETS));
        for (let times = random.int(0, 3); times > 0; times--)
          packet[random.int(0, packet.length - 1)] = random.int(0, 255);
        return random.chance(0.1) ? packet.subarray(0, random.int(0, packet.length)) : packet;
      });
      await send(port, Buffer.concat(random.chance(0.7) ? [CONNECT, ...packets] : packets));
    },
    async check() {
      const client = await mqttClient.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 });
      await client.publishAsync('a/b', 'still here', { qos: 1 });
      await client.endAsync();
    },
    close,
  };
}

function send(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = () => {
      socket.destroy();
      resolve();
    };
    socket.setTimeout(20, end);
    socket.on('data', () => {});
    socket.on('error', end);
    socket.on('close', end);
    socket.end(bytes);
  });
}
