import { fdatasync, openSync, write } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { Aedes } from 'aedes';

/**
 * The minimum work of an MQTT server with the same guarantee, on the same broker library: parses each message, appends
 * what has arrived, syncs, acknowledges.
 *
 *     node mqtt-bare-server.mjs MQTT_PORT HTTP_PORT FILE
 */
const [port, httpPort] = process.argv.slice(2, 4).map(Number);
const file = openSync(process.argv[4], 'a');
const aedes = await Aedes.createBroker();
let waiting = [];
let isWriting = false;
aedes.authorizePublish = (_client, packet, done) => {
  JSON.parse(packet.payload.toString());
  waiting.push({ bytes: packet.payload, done });
  if (!isWriting) next();
};
createServer(aedes.handle).listen(port, '127.0.0.1');
createHttpServer((_request, response) => response.end()).listen(httpPort, '127.0.0.1');
process.on('SIGTERM', () => process.exit());

function next() {
  const batch = waiting;
  waiting = [];
  isWriting = true;
  write(file, Buffer.concat(batch.map(({ bytes }) => bytes)), (failed) => {
    if (failed) throw failed;
    fdatasync(file, (error) => {
      if (error) throw error;
      isWriting = false;
      for (const { done } of batch) done();
      if (waiting.length > 0) next();
    });
  });
}
