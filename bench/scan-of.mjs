import { openLevelStore } from '../dist/store/level-store.js';

/** Prints the seconds that a process takes to open a store and scan its state rows: `node scan-of.mjs DIRECTORY`. */
const store = await openLevelStore(process.argv[2]);
let bytes = 0;
await store.scanState((rows) => {
  for (let index = 0; index < rows.count; index++) bytes += rows.key(index).length + rows.value(index).length;
});
if (bytes === 0) throw new Error('there is nothing');
console.log(performance.now() / 1000);
await store.close();
