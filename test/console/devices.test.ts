import { connectAsync, type MqttClient } from 'mqtt';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import { freePort } from '../support/server-process.ts';
import { hasBrowser, launchBrowser, type OpenedPage, openPage } from './browser.ts';

/** Devices that connect, publish and disconnect. */
describe.runIf(hasBrowser)('devices', { timeout: 60_000 }, () => {
  let browser: Browser;
  let server: TestServer;
  let device: MqttClient;
  let opened: OpenedPage;
  let page: Page;

  beforeAll(async () => {
    browser = await launchBrowser();
    const mqttPort = await freePort();
    server = await startTestServer({}, { mqttPort });
    device = await connectAsync(`mqtt://127.0.0.1:${mqttPort}`, { clientId: 'pump-1', reconnectPeriod: 0 });
    await device.subscribeAsync('pumps/pump-1/command');
    opened = await openPage(browser);
    page = opened.page;
  });
  afterAll(async () => {
    await device.endAsync(true);
    await opened.close();
    await browser.close();
    await server.dispose();
  });

  test('are seen while they are connected, with what they publish, and when they have gone', async () => {
    await page.goto(`${server.url}/console/devices`);
    await page.getByRole('row', { name: /pump-1 127\.0\.0\.1 .* Clean pumps\/pump-1\/command/ }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await device.publishAsync('pumps/pump-1/pressure', '{"bar": 8.5}', { qos: 1 });
    const published = page.getByRole('list', { name: 'Published messages' });
    await published.getByText('{"bar": 8.5}').waitFor();
    await page.getByLabel('Topic filter').fill('flood');
    await page.getByRole('button', { name: 'Follow' }).click();
    await page.getByText('Live', { exact: true }).waitFor();
    await Promise.all(
      Array.from({ length: 400 }, (_, count) => device.publishAsync('flood', `message ${count}`)),
    );
    // Only a limited number of messages in a second is shown; the rest is counted.
    await page.getByText(/^Live, sampled: \d+ more not shown/).waitFor();
    await page.getByLabel('Topic filter').fill('a#');
    await page.getByRole('button', { name: 'Follow' }).click();
    await page.getByText(/'a#' at 'filter' is not a topic filter/).waitFor();
    await device.endAsync();
    const gone = page.getByRole('list', { name: 'Recently disconnected' });
    await gone.getByText('pump-1').waitFor();
    await gone.getByText(/^disconnected/).waitFor();
    await page.getByText('No device is connected').waitFor();
    // The browser logs the refused filter, and nothing else.
    expect(opened.complaints.filter((text) => !/status of 400/.test(text))).toEqual([]);
  });

  test('without a broker the screen says how there would be one', async () => {
    const other = await startTestServer();
    await page.goto(`${other.url}/console/devices`);
    await page.getByText('There is no MQTT broker').waitFor();
    await other.dispose();
  });
});
