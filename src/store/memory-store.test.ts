import { emptyImage, openMemoryStore } from './memory-store.ts';
import { describeStore } from './store.suite.ts';

describeStore('the memory store', async () => {
  const image = emptyImage();
  return { open: async () => openMemoryStore(image), dispose: async () => {} };
});
