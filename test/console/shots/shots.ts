import { mkdirSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { freePort } from '../../support/server-process.ts';
import { launchBrowser, openPage } from '../browser.ts';
import { connectDevices, fillPlant } from '../plant.ts';
import { failEverything, SCREENS } from '../screens.ts';

/** Takes a picture of each screen, light and dark, filled, empty and in error, into `console-shots/`. */
const FOLDER = 'console-shots';
const WIDTHS = (process.env.SHOT_WIDTHS ?? '1280').split(',').map(Number);
const ONLY = process.env.SHOT_ONLY;
const SCHEMES = (process.env.SHOT_SCHEMES ?? 'light,dark').split(',') as ('light' | 'dark')[];

let browser: Browser;
let filled: TestServer;
let empty: TestServer;
let disconnect: () => Promise<void>;

beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  browser = await launchBrowser();
  const mqttPort = await freePort();
  filled = await startTestServer({}, { mqttPort });
  empty = await startTestServer();
  await fillPlant(filled.url);
  disconnect = await connectDevices(mqttPort);
});

afterAll(async () => {
  await browser.close();
  await disconnect();
  await filled.dispose();
  await empty.dispose();
});

test('pictures', { timeout: 600_000 }, async () => {
  for (const colorScheme of SCHEMES) {
    for (const width of WIDTHS) {
      for (const { name, path, ready, isEmptyToo = false, failsToo = false, prepare } of SCREENS) {
        if (ONLY !== undefined && !name.includes(ONLY)) continue;
        const servers = [
          ['', filled],
          ...(isEmptyToo ? ([['-empty', empty]] as const) : []),
          ...(failsToo ? ([['-error', filled]] as const) : []),
        ] as const;
        for (const [suffix, server] of servers) {
          const { page, close } = await openPage(browser, {
            colorScheme,
            reducedMotion: 'reduce',
            viewport: { width, height: width < 600 ? 800 : 900 },
          });
          if (suffix === '-error') await failEverything(page);
          await page.goto(server.url + path);
          await page.getByRole('heading', { level: 1, name: ready }).waitFor();
          await page.waitForLoadState('load');
          await expect.poll(() => page.locator('.spinner').count(), { timeout: 10_000 }).toBe(0);
          if (suffix !== '-error') await prepare?.(page);
          await page.waitForTimeout(500);
          await page.screenshot({
            path: `${FOLDER}/${name}${suffix}-${colorScheme}-${width}.png`,
            fullPage: true,
          });
          await close();
        }
      }
    }
  }
});

/** What the README shows. */
test('pictures of the documentation', { timeout: 120_000 }, async () => {
  const { page, close } = await openPage(browser, {
    reducedMotion: 'reduce',
    viewport: { width: 1360, height: 860 },
  });
  await page.goto(`${filled.url}/console/models/PumpPressure/detector?key=P-103`);
  await page.getByRole('button', { name: /Overpressure.*peak changed/ }).click();
  await page.getByText('transition of Normal').first().waitFor();
  await page.waitForTimeout(500);
  await page.screenshot({ path: 'docs/images/console-detector.png' });
  await page.goto(`${filled.url}/console/models/PumpPressure/edit`);
  await page.getByRole('button', { name: /^Transition Bearing hot under load/ }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Condition' }).waitFor();
  await page.waitForTimeout(500);
  await page.screenshot({ path: 'docs/images/console-edit.png' });
  await page.goto(`${filled.url}/console/models/PumpPressure/simulate`);
  await page.getByLabel('Input').selectOption('PumpPressure');
  for (const reading of ['7.5', '9.25', '7.75']) {
    await page.getByLabel('sensor.pressure').fill(reading);
    await page.getByRole('button', { name: 'Send to PumpPressure' }).click();
    await page.getByRole('button', { name: 'Step 1 s' }).click();
  }
  await page.getByRole('button', { name: 'Moment before' }).click();
  await page.waitForTimeout(500);
  await page.screenshot({ path: 'docs/images/console-simulate.png' });
  await close();
});
