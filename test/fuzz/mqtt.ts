import { connect } from 'node:net';
import mqttClient from 'mqtt';
import type { Random } from '../sim/random.ts';
import { openBrokerRig } from '../support/broker-rig.ts';
import { roleArn, startRules } from '../support/rules.ts';
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

const publish = (topic: string, payload: string, qos: 0 | 1): Buffer => {
  const name = Buffer.from(topic);
  const id = qos === 1 ? [0, 7] : [];
  const body = Buffer.concat([Buffer.from([0, name.length]), name, Buffer.from(id), Buffer.from(payload)]);
  return Buffer.concat([Buffer.from([0x30 | (qos << 1), body.length]), body]);
};

/** Packets that concern the rules. */
const FOR_RULES = [
  publish('a/b', '{"id":"x","n":[1,2.50,{"m":"y"}]}', 1),
  publish('$aws/rules/all/a', '[{"id":1},{"id":2}]', 1),
  publish('$aws/rules/none/a', 'not JSON', 1),
  publish('loop', '{"a":{"b":1E400}}', 0),
];

const RULES = {
  all: {
    sql: "SELECT *, topic(2) AS t, clientid() AS c, (SELECT VALUE m FROM n) AS ms FROM '#'",
    actions: [{ iotEvents: { inputName: 'I', messageId: '${id}', roleArn } }],
    errorAction: { republish: { topic: 'errors/${topic()}', roleArn } },
  },
  loop: { sql: "SELECT * FROM 'loop'", actions: [{ republish: { topic: 'loop', qos: 1, roleArn } }] },
};

/** Packets sent to the port of the embedded broker, with active topic rules. */
export async function mqtt(): Promise<Target> {
  let taken = 0;
  const rules = await startRules({
    put: async (messages) => {
      taken += messages.length;
      return messages.map(() => undefined);
    },
    republisher: { publish: (message) => broker.forward({ ...message, retain: false }) },
  });
  for (const [name, rule] of Object.entries(RULES)) await rules.create(name, rule);
  const { port, broker, published, close } = await openBrokerRig({
    deliver: (publication) => rules.engine.deliver(publication),
  });
  return {
    name: 'mqtt',
    /** Ten clients at once. */
    async run(random) {
      await Promise.all(random.times(10, 10, () => send(port, stream(random))));
      // The rig's records are not needed here.
      published.length = 0;
    },
    async check() {
      const client = await mqttClient.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 });
      const before = taken;
      await client.publishAsync('a/b', '{"id":"still-here"}', { qos: 1 });
      await client.endAsync();
      if (taken !== before + 1) throw new Error(`a message reached the input ${taken - before} times`);
    },
    close,
  };
}

/** The packets of one client, most of them damaged. */
function stream(random: Random): Buffer {
  const packets = random.times(1, 5, () => {
    const packet = Buffer.from(random.pick(random.chance(0.5) ? FOR_RULES : PACKETS));
    for (let times = random.int(0, 3); times > 0; times--)
      packet[random.int(0, packet.length - 1)] = random.int(0, 255);
    return random.chance(0.1) ? packet.subarray(0, random.int(0, packet.length)) : packet;
  });
  return Buffer.concat(random.chance(0.7) ? [CONNECT, ...packets] : packets);
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
