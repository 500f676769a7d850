import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { blocksOf } from './page.ts';
import { playPage, sharedFile } from './play.ts';

/*
 * Pages that are run word by word: every `sh` block runs as printed, and a `text` block after it shows lines of its
 * output (`…` stands for anything).
 */
const PAGES = ['docs/start.md', 'docs/devices.md', 'docs/migrating.md', 'docs/testing.md'];

describe.each(PAGES)('%s', (page) => {
  const isMissing = blocksOf(page).some((block) => {
    const shared = sharedFile(block);
    return shared !== undefined && !existsSync(shared);
  });
  test.skipIf(isMissing)(
    'can be followed word by word (skipped where what it downloads is not at hand)',
    async () => {
      const played = await playPage(page);
      for (const { block, code, output } of played)
        expect(code, `${page}:${block.line}\n${block.text}\n${output}`).toBe(0);
      const blocks = blocksOf(page);
      for (const { block, output } of played) {
        const next = blocks[blocks.findIndex(({ line }) => line === block.line) + 1];
        if (next?.language !== 'text') continue;
        for (const line of next.text.split('\n').filter((each) => each.trim() !== ''))
          expect(output, `${page}:${next.line}`).toMatch(patternOf(line));
      }
    },
    120_000,
  );
});

/** Times and blanks differ from run to run. */
function patternOf(line: string): RegExp {
  const parts = line.trim().split(/\s*…\s*/);
  return new RegExp(
    parts
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/\s+/g, '\\s+'))
      .join('[^\\n]*'),
  );
}
