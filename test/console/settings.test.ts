import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { hasBrowser, launchBrowser, type OpenedPage, openPage } from './browser.ts';
import { createModels, put } from './plant.ts';

/** Alarm models and logging options, from their forms to the server. */
describe.runIf(hasBrowser)('settings', { timeout: 60_000 }, () => {
  let browser: Browser;
  let server: TestServer;
  let opened: OpenedPage;
  let page: Page;

  beforeAll(async () => {
    browser = await launchBrowser();
    server = await startTestServer();
    await createModels(server.url);
    opened = await openPage(browser);
    page = opened.page;
  });
  afterAll(async () => {
    await opened.close();
    await browser.close();
    await server.dispose();
    // The browser logs that no options are set, and nothing else.
    expect(opened.complaints.filter((text) => !/status of 404/.test(text))).toEqual([]);
  });

  const button = (name: string) => page.getByRole('button', { name, exact: true });

  test('an alarm model is created, its alarm comes up, and its threshold is changed', async () => {
    await page.goto(`${server.url}/console/alarm-models/new`);
    await page.getByLabel('Attribute').fill('$input.PumpPressure.sensor.pressure + 1');
    await page.getByLabel('Threshold').fill('8');
    await page.getByText('must refer to one attribute').waitFor();
    expect(await button('Create alarm model').isDisabled()).toBe(true);
    await page.getByLabel('Attribute').fill('$input.PumpPressure.sensor.pressure');
    await page.getByLabel('Name').fill('TooMuchPressure');
    await page.getByLabel('Key').selectOption('pumpId');
    await page.getByLabel('Severity').fill('5');
    await button('Create alarm model').click();
    await page.getByRole('heading', { level: 1, name: 'TooMuchPressure' }).waitFor();
    await put(server.url, 'PumpPressure', { pumpId: 'P-9', sensor: { pressure: 9.5 } });
    await page.getByRole('link', { name: 'Its alarms' }).click();
    await page.getByRole('button', { name: /^P-9.*severity 5.*Active/s }).waitFor();
    await page.goto(`${server.url}/console/alarm-models/TooMuchPressure`);
    await page.getByText('Version 1').waitFor();
    await page.getByLabel('Threshold').fill('12');
    await page.getByLabel('Comparison').selectOption('LESS');
    await button('Save').click();
    await page.getByText('Version 2').waitFor();
    const described = await new ApiClient(server.url).call('GET', '/alarm-models/TooMuchPressure');
    expect(described).toMatchObject({
      key: 'pumpId',
      severity: 5,
      alarmRule: { simpleRule: { comparisonOperator: 'LESS', threshold: '12' } },
      alarmCapabilities: {
        acknowledgeFlow: { enabled: true },
        initializationConfiguration: { disabledOnInitialization: false },
      },
    });
    await button('Delete').click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Alarm models' }).waitFor();
    await expect.poll(() => page.getByRole('link', { name: 'TooMuchPressure' }).count()).toBe(0);
  });

  test('logging options are saved, and are there again', async () => {
    await page.goto(`${server.url}/console/logging`);
    await page.getByLabel('Log evaluations').check();
    await page.getByRole('radio', { name: /^DEBUG/ }).check();
    await button('Add detectors').click();
    await page.getByLabel('Detector model').selectOption('PumpPressure');
    await page.getByLabel('Key value of PumpPressure').fill('P-9');
    await button('Save').click();
    await page.getByText('The logging options are saved').waitFor();
    const client = new ApiClient(server.url);
    expect(await client.call('GET', '/logging')).toMatchObject({
      loggingOptions: {
        level: 'DEBUG',
        enabled: true,
        detectorDebugOptions: [{ detectorModelName: 'PumpPressure', keyValue: 'P-9' }],
      },
    });
    await page.reload();
    await expect.poll(() => page.getByLabel('Key value of PumpPressure').inputValue()).toBe('P-9');
    await button('Remove PumpPressure P-9').click();
    await page.getByRole('radio', { name: /^ERROR/ }).check();
    await button('Save').click();
    await expect
      .poll(async () => client.call('GET', '/logging'))
      .toMatchObject({ loggingOptions: { level: 'ERROR' } });
  });
});
