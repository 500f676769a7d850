import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import { hasBrowser, launchBrowser, openPage } from './browser.ts';
import { createModels, put } from './plant.ts';

/** The graph as text, and without motion for users who prefer that. */
describe.runIf(hasBrowser)('the graph', { timeout: 60_000 }, () => {
  let browser: Browser;
  let server: TestServer;

  beforeAll(async () => {
    browser = await launchBrowser();
    server = await startTestServer();
    await createModels(server.url);
    await put(server.url, 'PumpPressure', { pumpId: 'P-1', sensor: { pressure: 7.5 } });
    await put(server.url, 'PumpPressure', { pumpId: 'P-2', sensor: { pressure: 9.5 } });
  });
  afterAll(async () => {
    await browser.close();
    await server.dispose();
  });

  const pressure = (value: number) => ({ pumpId: 'P-1', sensor: { pressure: value } });

  /** The names of all nodes and lines, as a screen reader announces them. */
  async function names(page: Page): Promise<string[]> {
    const graph = page.getByRole('region', { name: 'Graph of PumpPressure' });
    await graph.locator('.react-flow__edge').nth(2).waitFor({ state: 'attached' });
    const count = await graph.locator('.react-flow__node, .react-flow__edge').count();
    const snapshot = await graph.ariaSnapshot();
    const found = [...snapshot.matchAll(/button "((?:State|Transition) [^"]*)"/g)].map(
      ([, name]) => name ?? '',
    );
    expect(found).toHaveLength(count);
    return found.sort();
  }

  const TRANSITIONS = [
    'Transition Bearing hot under load, from Normal to Overpressure',
    'Transition Pressure restored, from Overpressure to Normal',
    'Transition Pressure too high, from Normal to Overpressure',
  ];

  test.each([
    [
      'live',
      '/console/models/PumpPressure',
      [
        'State Normal, initial, 1 detector, 1 event, 2 transitions',
        'State Overpressure, 1 detector, 5 events, 1 transition',
      ],
    ],
    [
      'edit',
      '/console/models/PumpPressure/edit',
      ['State Normal, initial, 1 event, 2 transitions', 'State Overpressure, 5 events, 1 transition'],
    ],
    [
      'simulate',
      '/console/models/PumpPressure/simulate',
      ['State Normal, initial, 1 event, 2 transitions', 'State Overpressure, 5 events, 1 transition'],
    ],
    [
      'detector',
      '/console/models/PumpPressure/detector?key=P-2',
      ['State Normal, initial, 1 event, 2 transitions', 'State Overpressure, active, 5 events, 1 transition'],
    ],
  ])('names all of its states and transitions: %s', async (_screen, path, states) => {
    const { page, close } = await openPage(browser);
    await page.goto(server.url + path);
    await expect.poll(() => names(page)).toEqual([...states, ...TRANSITIONS]);
    await close();
  });

  test('says in words what the analysis marks by colour', async () => {
    const { page, close } = await openPage(browser);
    await page.goto(`${server.url}/console/models/PumpPressure/edit`);
    await page.getByRole('button', { name: 'List', exact: true }).click();
    await page.getByRole('button', { name: /^Pressure too high/ }).click();
    await page.getByRole('textbox', { name: 'Condition' }).fill('$input.PumpPressure.sensor.pressure >');
    await page.getByRole('button', { name: 'Graph', exact: true }).click();
    await expect.poll(() => names(page)).toContain(`${TRANSITIONS[2]}, with an error`);
    await close();
  });

  test.each([
    ['no-preference', 'pulse'],
    ['reduce', 'glow'],
  ] as const)('moves as is wanted: %s', async (reducedMotion, mark) => {
    const { page, close } = await openPage(browser, { reducedMotion });
    await page.goto(`${server.url}/console/models/PumpPressure`);
    await page.getByText('Live', { exact: true }).last().waitFor();
    await page.evaluate(collectAnimations);
    const animations = async () =>
      (await page.evaluate('window.animations')) as readonly { name: string; easing: string }[];
    // There and back, so that the state changes in any case. Repeated until it is seen, since an animation of one event
    // is replaced by that of the next.
    await expect
      .poll(async () => {
        await put(server.url, 'PumpPressure', pressure(9.5), ...[7, 7, 7].map(pressure), pressure(9.5));
        return (await animations()).map(({ name }) => name);
      })
      .toContain(mark);
    await page
      .getByRole('list', { name: 'Latest events' })
      .getByText('Normal → Overpressure')
      .first()
      .waitFor();
    const moving = (await animations()).filter(({ easing }) => !easing.startsWith('steps'));
    if (reducedMotion === 'reduce') expect(moving).toEqual([]);
    else expect(moving.map(({ name }) => name)).toContain(mark);
    const transitions = Number(await page.evaluate(countTransitions));
    if (reducedMotion === 'reduce') expect(transitions).toBe(0);
    else expect(transitions).toBeGreaterThan(0);
    await close();
  });
});

/* These run in the page, as text, since the tests have no browser types. */
const collectAnimations = `(() => {
  window.animations = [];
  document.addEventListener('animationstart', ({ target, animationName: name }) => {
    window.animations.push({ name, easing: getComputedStyle(target).animationTimingFunction });
  }, true);
})()`;
const countTransitions = `[...document.querySelectorAll('*')].filter((element) =>
  getComputedStyle(element).transitionDuration.split(', ').some((duration) => parseFloat(duration) > 0)).length`;
