import { describeStore } from '../../test/support/store-suite.ts';
import { emptyImage, openMemoryStore } from './memory-store.ts';

describeStore('the memory store', async () => {
  const image = emptyImage();
  return { open: async () => openMemoryStore(image), dispose: async () => {} };
});
