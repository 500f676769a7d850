import axe from 'axe-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser } from './browser.ts';
import { SCREENS, viewsOf } from './screens.ts';
import { Stage } from './stage.ts';

const WIDTHS = [360, 768, 1280];
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Every screen in every state, light and dark, from phone width to wide. */
describe.runIf(hasBrowser)('accessibility', { timeout: 120_000 }, () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open();
  }, 60_000);
  afterAll(() => stage.close());

  test.each(viewsOf(SCREENS))('$name', async (view) => {
    const { widths = WIDTHS } = view;
    const { page, close } = await stage.show(view, {
      viewport: { width: widths.at(-1) as number, height: 900 },
    });
    // Through the browser's protocol, which is not subject to the page's security policy.
    await page.evaluate(axe.source);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const width of widths) {
        await page.setViewportSize({ width, height: 900 });
        const found = await page.evaluate(
          `axe.run({ runOnly: ${JSON.stringify(RULES)}, resultTypes: ['violations'] })`,
        );
        expect({ colorScheme, width, violations: summary(found as axe.AxeResults) }).toEqual({
          colorScheme,
          width,
          violations: [],
        });
        // The screen is at rest once it has drawn itself anew for the width.
        await expect
          .poll(async () => ({ width, beyond: await page.evaluate(beyondTheWindow) }))
          .toEqual({ width, beyond: [] });
      }
    }
    // Text at twice its size, and a window of 1280 px at a zoom of 200 % and 400 %: everything is present, nothing is
    // cut off.
    for (const [size, width] of [
      ['200%', 1280],
      ['100%', 640],
      ['100%', 320],
    ] as const) {
      await page.setViewportSize({ width, height: 450 });
      await page.evaluate(`document.documentElement.style.fontSize = '${size}'`);
      expect({ size, width, cut: await page.evaluate(cutOff) }).toEqual({ size, width, cut: [] });
    }
    await close();
  });
});

/** Runs in the page, as text: finds what makes the page wider than its window. */
const beyondTheWindow = `(() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const wide = [...document.body.querySelectorAll('*')].filter((each) => each.getBoundingClientRect().right > clientWidth + 1);
  return [scrollWidth - clientWidth + ' px', ...wide.slice(0, 8).map((each) => each.outerHTML.slice(0, 160))];
})()`;

/** Runs in the page, as text: finds elements beyond the window, and controls with truncated text. */
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
