import { parentPort, workerData } from 'node:worker_threads';
import Database from 'libsql';

const db = new Database(workerData);
db.exec('PRAGMA journal_mode = WAL');
db.exec('PRAGMA synchronous = FULL');
db.exec('CREATE TABLE journal (sequence INTEGER PRIMARY KEY, record BLOB)');
db.exec('CREATE TABLE rows (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID');
const journal = db.prepare('INSERT INTO journal (record) VALUES (?)');
const row = db.prepare('INSERT OR REPLACE INTO rows VALUES (?, ?)');

parentPort.postMessage('ready');
parentPort.on('message', ({ record, rows, close }) => {
  if (close) {
    db.close();
    parentPort.close();
    return;
  }
  db.exec('BEGIN');
  journal.run([Buffer.from(record)]);
  for (const change of rows) row.run(change);
  db.exec('COMMIT');
  parentPort.postMessage('done');
});
