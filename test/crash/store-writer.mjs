import { openLevelStore } from '../../dist/store/level-store.js';
import { commitOf } from './store-commits.mjs';

/** Commits increasing numbers and prints each once it is durable, until it is killed. */
const [directory, first] = process.argv.slice(2);
const store = await openLevelStore(directory, { checkpointBytes: 20_000, threadFrom: 0 });
for (let number = Number(first); ; number++) {
  await store.commit(commitOf(number));
  process.stdout.write(`${number}\n`);
}
