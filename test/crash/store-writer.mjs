import { openLevelStore } from '../../dist/store/level-store.js';
import { StateReader } from '../../dist/store/state-reader.js';
import { commitOf } from './store-commits.mjs';

/** Reads what is there, commits increasing numbers and prints each once it is durable, until it is killed. */
const [directory, first] = process.argv.slice(2);
const reader = await StateReader.begin(directory, 0);
const store = await openLevelStore(directory, { checkpointBytes: 20_000, threadFrom: 0, reader });
let last = '0';
await store.scanState((rows) => {
  for (let index = 0; index < rows.count; index++)
    if (rows.key(index) === 'last') last = rows.value(index).toString();
});
if (Number(last) !== Number(first) - 1) throw new Error(`The last commit is ${last}, not ${first - 1}`);
for (let number = Number(first); ; number++) {
  await store.commit(commitOf(number));
  process.stdout.write(`${number}\n`);
}
