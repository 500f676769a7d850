import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { hasBrowser, launchBrowser, openPage } from './browser.ts';

const DETECTORS = 100_000;
const STATES = 20;
/** `npm run console:flood` has ten minutes. */
const FLOOD_SECONDS = Number(process.env.CONSOLE_FLOOD_SECONDS ?? 10);
const FLOOD_RATE = 1000;
const FLOOD_DETECTORS = 200;
const FLOOD_PARTS = FLOOD_SECONDS > 60 ? 10 : 4;

/**
 * Many detectors, a large model and a flood of events: the console stays responsive. Times are logged, with generous
 * limits.
 */
describe.runIf(hasBrowser)('scale', { timeout: 180_000 }, () => {
  let browser: Browser;
  let server: TestServer;

  beforeAll(async () => {
    browser = await launchBrowser();
    server = await startTestServer({ queuedMessages: 200_000 });
    const client = new ApiClient(server.url);
    await client.call('POST', '/inputs', {
      inputName: 'I',
      inputDefinition: { attributes: [{ jsonPath: 'id' }, { jsonPath: 'n' }] },
    });
    const states = Array.from({ length: STATES }, (_, place) => ({
      stateName: `Step ${place + 1}`,
      onInput: {
        transitionEvents: [1, 2].map((by) => ({
          eventName: `On by ${by}`,
          condition: `$input.I.n == ${by}`,
          nextState: `Step ${((place + by) % STATES) + 1}`,
        })),
      },
    }));
    await client.call('POST', '/detector-models', {
      detectorModelName: 'M',
      key: 'id',
      roleArn: 'arn:aws:iam::000000000000:role/M',
      detectorModelDefinition: { initialStateName: 'Step 1', states },
    });
    await feed(
      DETECTORS,
      (index) => index,
      (index) => index % 3,
    );
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await server.dispose();
  });

  let lastMessage = 0;
  async function feed(
    count: number,
    idOf: (index: number) => number,
    numberOf: (index: number) => number,
  ): Promise<void> {
    for (let at = 0; at < count; at += 2000) {
      const messages = Array.from({ length: Math.min(2000, count - at) }, (_, index) => {
        const value = { id: `d-${idOf(at + index)}`, n: numberOf(at + index) };
        return {
          messageId: `s${++lastMessage}`,
          inputName: 'I',
          payload: { text: JSON.stringify(value), value },
        };
      });
      await server.host.put(messages);
    }
  }

  test('a model of 20 states opens at once', async () => {
    const { page, close } = await openPage(browser);
    const session = await page.context().newCDPSession(page);
    // Processor time of the page's thread, which excludes other load.
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const busy = async () => {
      const { metrics } = await session.send('Performance.getMetrics');
      return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1000;
    };
    await page.goto(`${server.url}/console/models`);
    const link = page.getByRole('link', { name: 'M', exact: true });
    await link.hover();
    await page.waitForLoadState('networkidle');
    await page.evaluate(`(() => {
      window.opened = new Promise((resolve) => {
        document.addEventListener('click', () => {
          const began = performance.now();
          const look = () => {
            if (document.querySelectorAll('.react-flow__node').length === ${STATES} && document.querySelectorAll('.react-flow__edge').length === ${2 * STATES}) resolve(performance.now() - began);
            else requestAnimationFrame(look);
          };
          look();
        }, { once: true, capture: true });
      });
    })()`);
    const before = await busy();
    await link.click();
    const took = Number(await page.evaluate('window.opened'));
    const worked = (await busy()) - before;
    console.info(
      `a model of ${STATES} states was drawn after ${Math.round(took)} ms, ${Math.round(worked)} ms of them its own`,
    );
    expect(worked).toBeLessThan(300);
    expect(took).toBeLessThan(2000);
    await close();
  });

  test('a table of 100,000 detectors scrolls without blank rows', async () => {
    const { page, close } = await openPage(browser);
    await page.goto(`${server.url}/console/models/M/detectors`);
    await page.getByText('100,000 detectors').waitFor({ timeout: 30_000 });
    await page.getByRole('link', { name: 'd-0', exact: true }).waitFor();
    const found = (await page.evaluate(`new Promise((resolve) => {
      const frame = document.querySelector('.virtual');
      const frames = [];
      let blank = 0;
      let last = performance.now();
      let step = 0;
      const next = () => {
        const now = performance.now();
        frames.push(now - last);
        last = now;
        const box = frame.getBoundingClientRect();
        const row = document.elementFromPoint(box.left + 40, box.top + box.height / 2)?.closest('[role=row]');
        if (!row || row.textContent === '') blank++;
        if (++step > 90) return resolve({ blank, frames: frames.sort((a, b) => a - b) });
        // Some steps are wheel steps, some are jumps.
        frame.scrollTop += step % 10 === 0 ? 200000 : 180;
        requestAnimationFrame(next);
      };
      requestAnimationFrame(next);
    })`)) as { blank: number; frames: number[] };
    const median = found.frames[Math.floor(found.frames.length / 2)] ?? 0;
    console.info(
      `a frame took ${median.toFixed(1)} ms in the middle, ${found.frames.at(-1)?.toFixed(0)} ms at most; ${found.blank} were blank`,
    );
    expect(found.blank).toBeLessThanOrEqual(9);
    await page.getByLabel('Search key values').fill('d-9999');
    await page.getByText('11 detectors').waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toContain('d-9999');
    await close();
  });

  test('a flood of events leaves the memory of the page flat', {
    timeout: FLOOD_SECONDS * 1000 + 120_000,
  }, async () => {
    const { page, close } = await openPage(browser);
    const session = await page.context().newCDPSession(page);
    await page.goto(`${server.url}/console/models/M`);
    await page.getByText(/^Live/).last().waitFor();
    /** Megabytes of heap and nodes of the document, after garbage collection. */
    const measure = async () => {
      await session.send('HeapProfiler.collectGarbage');
      const { usedSize } = await session.send('Runtime.getHeapUsage');
      const { nodes } = await session.send('Memory.getDOMCounters');
      return { heap: usedSize / 1e6, nodes };
    };
    const began = performance.now();
    let sent = 0;
    /** Paced by the clock, so that delays are caught up. */
    const flood = async (until: number) => {
      for (let at = performance.now(); at < until; at = performance.now()) {
        const due = Math.floor(((at - began) / 1000) * FLOOD_RATE);
        if (due > sent) {
          const count = due - sent;
          sent = due;
          await feed(
            count,
            (index) => index % FLOOD_DETECTORS,
            () => 1,
          );
        }
        await page.waitForTimeout(100);
      }
    };
    const measured: { readonly heap: number; readonly nodes: number }[] = [];
    for (let part = 1; part <= FLOOD_PARTS; part++) {
      await flood(began + (part / FLOOD_PARTS) * FLOOD_SECONDS * 1000);
      const { heap, nodes } = await measure();
      measured.push({ heap, nodes });
      const seconds = Math.round((performance.now() - began) / 1000);
      console.info(
        `${seconds} s, ${sent.toLocaleString('en')} events: heap ${heap.toFixed(1)} MB, ${nodes} DOM nodes`,
      );
    }
    // The first part fills bounded structures: the list of events, caches, compiled code.
    const [first, ...others] = measured;
    const last = others.at(-1);
    if (first === undefined || last === undefined) throw new Error('Nothing was measured');
    expect(last.heap).toBeLessThan(first.heap * 1.25 + 5);
    expect(last.nodes).toBeLessThan(first.nodes * 1.25 + 500);
    expect(sent).toBeGreaterThan(FLOOD_RATE * FLOOD_SECONDS * 0.9);
    await page
      .getByText(/sampled/)
      .first()
      .waitFor();
    await close();
  });
});
