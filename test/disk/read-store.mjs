import { createHash } from 'node:crypto';
import { openLevelStore } from '../../dist/store/level-store.js';

/** Prints a digest of everything in a store, or what is wrong with it: `node read-store.mjs DIRECTORY`. */
try {
  const store = await openLevelStore(process.argv[2]);
  const hash = createHash('sha256');
  await store.scanState((rows) => {
    for (let index = 0; index < rows.count; index++) hash.update(`${rows.key(index)} ${rows.value(index)}\n`);
  });
  for await (const row of store.scan({ from: '', to: '~' })) hash.update(`${row.join(' ')}\n`);
  await store.close();
  process.stdout.write(JSON.stringify({ digest: hash.digest('hex') }));
} catch (error) {
  process.stdout.write(JSON.stringify({ error: error.message, name: error.name, code: error.code }));
}
