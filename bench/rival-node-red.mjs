import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import RED from 'node-red';

/**
 * Node-RED with one function node and file context: written at each message, or with `cached` every 30 seconds, its
 * default.
 *
 *     node rival-node-red.mjs PORT DIRECTORY [cached]
 */
const [port, userDir, cached] = process.argv.slice(2);

const STEP = `
const pressure = msg.payload.sensorData.pressure;
if (motor.state === 'Normal') {
  if (pressure > 70) Object.assign(motor, { state: 'Dangerous', breached: motor.breached + 3 });
} else if (pressure > 70) {
  motor.breached = 3;
} else if (motor.breached-- <= 1) {
  Object.assign(motor, { state: 'Normal', breached: 0 });
}
msg.payload = { state: motor.state };
`;
const NEW = "{ state: 'Normal', breached: 0 }";
// A store without cache has only an asynchronous API.
const FUNCTION =
  cached === 'cached'
    ? `const { motorid } = msg.payload; const motor = flow.get(motorid) ?? ${NEW}; ${STEP}
       flow.set(motorid, motor); return msg;`
    : `const { motorid } = msg.payload;
       flow.get(motorid, (error, found) => {
         if (error) return node.error(error, msg);
         const motor = found ?? ${NEW}; ${STEP}
         flow.set(motorid, motor, (failed) => failed ? node.error(failed, msg) : node.send(msg));
       });`;

const node = (id, type, wires, rest) => ({ id, type, z: 'tab', x: 0, y: 0, wires, ...rest });
mkdirSync(userDir, { recursive: true });
writeFileSync(
  join(userDir, 'flows.json'),
  JSON.stringify([
    { id: 'tab', type: 'tab', label: 'motors' },
    node('in', 'http in', [['motor']], { url: '/message', method: 'post' }),
    node('motor', 'function', [['out']], { func: FUNCTION, outputs: 1, libs: [] }),
    node('out', 'http response', [], {}),
  ]),
);
const server = createServer();
RED.init(server, {
  userDir,
  flowFile: 'flows.json',
  httpAdminRoot: false,
  httpNodeRoot: '/',
  telemetry: { enabled: false },
  contextStorage: { default: { module: 'localfilesystem', config: { cache: cached === 'cached' } } },
  logging: { console: { level: 'error', metrics: false, audit: false } },
});
server.on('request', (request, response) => RED.httpNode(request, response));
await RED.start();
await new Promise((resolve) => RED.events.once('flows:started', resolve));
server.listen(Number(port), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
