import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Addresses are relative throughout, so that the console also works behind a path prefix. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react()],
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    target: ['chrome123', 'firefox121', 'safari17.5'],
    // A data: URL would need an exception in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // By itself, so that a small module shared with the text editors does not bring them along.
        codeSplitting: {
          groups: [
            { name: 'text-editor', test: /node_modules\/(@codemirror|@lezer|style-mod|crelt|w3c-keyname)\// },
          ],
        },
      },
    },
  },
});
