import { createServer } from 'node:http';
import Database from 'libsql';
import { createActor } from 'xstate';
import { xstateMotor } from './motor.mjs';

/**
 * XState with a SQLite row for each detector: read the snapshot, send the event, write the snapshot, answer.
 *
 *     node rival-sqlite.mjs PORT FILE
 */
const [port, file] = process.argv.slice(2);
const machine = await xstateMotor();
const database = new Database(file);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec('CREATE TABLE motor (id TEXT PRIMARY KEY, snapshot TEXT NOT NULL)');
const read = database.prepare('SELECT snapshot FROM motor WHERE id = ?');
const write = database.prepare(
  'INSERT INTO motor VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET snapshot = excluded.snapshot',
);

createServer(async (request, response) => {
  if (request.method !== 'POST') return response.end();
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { motorid, sensorData } = JSON.parse(Buffer.concat(chunks).toString());
  const row = read.get(motorid);
  const actor = createActor(machine, row && { snapshot: JSON.parse(row.snapshot) }).start();
  actor.send({ type: 'message', sensorData });
  const state = actor.getSnapshot().value;
  write.run(motorid, JSON.stringify(actor.getPersistedSnapshot()));
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ state }));
}).listen(Number(port), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
