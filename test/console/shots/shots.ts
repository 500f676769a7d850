import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, test } from 'vitest';
import { openPage } from '../browser.ts';
import { SCREENS, viewsOf } from '../screens.ts';
import { Stage } from '../stage.ts';

/** Takes a screenshot of each screen in each of its states, light and dark, into `console-shots/`. */
const FOLDER = 'console-shots';
const WIDTHS = (process.env.SHOT_WIDTHS ?? '1280').split(',').map(Number);
const ONLY = process.env.SHOT_ONLY;
const SCHEMES = (process.env.SHOT_SCHEMES ?? 'light,dark').split(',') as ('light' | 'dark')[];

let stage: Stage;

beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  stage = await Stage.open();
});
afterAll(() => stage.close());

test('pictures', { timeout: 1_800_000 }, async () => {
  for (const view of viewsOf(SCREENS)) {
    if (ONLY !== undefined && !new RegExp(ONLY).test(view.name)) continue;
    for (const width of view.widths ?? WIDTHS) {
      for (const colorScheme of SCHEMES) {
        const viewport = { width, height: width < 600 ? 800 : 900 };
        const { page, close } = await stage.show(view, { colorScheme, viewport });
        await page.waitForTimeout(500);
        await page.screenshot({
          path: `${FOLDER}/${view.name}-${colorScheme}-${width}.png`,
          fullPage: true,
        });
        await close();
      }
    }
  }
});

/** The screenshots in the README. */
test('pictures of the documentation', { timeout: 120_000 }, async () => {
  const { page, close } = await openPage(stage.browser, {
    reducedMotion: 'reduce',
    viewport: { width: 1360, height: 860 },
  });
  await page.goto(`${stage.filled.url}/console/models/PumpPressure/detector?key=P-103`);
  await page.getByRole('button', { name: /Overpressure.*peak changed/ }).click();
  await page.getByText('transition of Normal').first().waitFor();
  await page.waitForTimeout(500);
  await page.screenshot({ path: 'docs/images/console-detector.png' });
  await page.goto(`${stage.filled.url}/console/models/PumpPressure/edit`);
  await page.getByRole('button', { name: /^Transition Bearing hot under load/ }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Condition' }).waitFor();
  await page.waitForTimeout(500);
  await page.screenshot({ path: 'docs/images/console-edit.png' });
  await page.goto(`${stage.filled.url}/console/models/PumpPressure/simulate`);
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
