import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import { freePort } from '../support/server-process.ts';
import { hasBrowser, launchBrowser, type OpenedPage, openPage } from './browser.ts';
import { connectDevices, fillPlant } from './plant.ts';
import { SCREENS } from './screens.ts';

const WIDTHS = [360, 768, 1280];
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Every screen, light and dark, from phone width to wide. */
describe.runIf(hasBrowser)('accessibility', { timeout: 120_000 }, () => {
  let browser: Browser;
  let filled: TestServer;
  let empty: TestServer;
  let opened: OpenedPage;
  let disconnect: () => Promise<void>;

  beforeAll(async () => {
    browser = await launchBrowser();
    const mqttPort = await freePort();
    filled = await startTestServer({}, { mqttPort });
    empty = await startTestServer();
    await fillPlant(filled.url);
    disconnect = await connectDevices(mqttPort);
    opened = await openPage(browser, { reducedMotion: 'reduce' });
  });
  afterAll(async () => {
    await opened.close();
    await browser.close();
    await disconnect();
    await filled.dispose();
    await empty.dispose();
  });

  const cases = SCREENS.flatMap(({ name, path, ready, prepare, isEmptyToo = false }) => [
    { name, path, ready, prepare, isEmpty: false },
    ...(isEmptyToo ? [{ name: `${name}, empty`, path, ready, prepare, isEmpty: true }] : []),
  ]);

  test.each(cases)('$name', async ({ path, ready, prepare, isEmpty }) => {
    const { page } = opened;
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto((isEmpty ? empty : filled).url + path);
    await page.getByRole('heading', { level: 1, name: ready }).waitFor();
    await expect.poll(() => page.locator('.spinner').count(), { timeout: 10_000 }).toBe(0);
    await prepare?.(page);
    // By the protocol of the browser, which the page's security policy does not bind.
    await page.evaluate(axe.source);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        const found = await page.evaluate(
          `axe.run({ runOnly: ${JSON.stringify(RULES)}, resultTypes: ['violations'] })`,
        );
        expect({ colorScheme, width, violations: summary(found as axe.AxeResults) }).toEqual({
          colorScheme,
          width,
          violations: [],
        });
        const overflow = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        expect({ width, overflow }).toEqual({ width, overflow: 0 });
      }
    }
    // Twice the size of the text, and a window of 1280 px at a zoom of 200 % and 400 %: all of it is there, nothing is cut off.
    for (const [size, width] of [
      ['200%', 1280],
      ['100%', 640],
      ['100%', 320],
    ] as const) {
      await page.setViewportSize({ width, height: 450 });
      await page.evaluate(`document.documentElement.style.fontSize = '${size}'`);
      expect({ size, width, cut: await page.evaluate(cutOff) }).toEqual({ size, width, cut: [] });
    }
  });
});

/** Runs in the page, as a text: what reaches beyond the window, and controls whose words are cut off. */
const cutOff = `(() => {
  const root = document.documentElement;
  const cut = root.scrollWidth > root.clientWidth ? ['the page is ' + (root.scrollWidth - root.clientWidth) + ' px too wide'] : [];
  for (const element of document.querySelectorAll('h1, h2, label, .button, .badge, .tabs a, th')) {
    if (element.closest('.react-flow, .cm-editor, .hidden, .virtual, table')) continue;
    const hides = getComputedStyle(element).overflowX !== 'visible';
    if (hides && !element.title && element.scrollWidth > element.clientWidth + 1) cut.push('cut off: ' + element.outerHTML.slice(0, 120));
  }
  return cut;
})()`;

function summary({ violations }: axe.AxeResults): string[] {
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary?.split('\n')[1] ?? ''}`,
    ),
  );
}
