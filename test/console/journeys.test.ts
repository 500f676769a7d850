import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { hasBrowser, launchBrowser, type OpenedPage, openPage } from './browser.ts';
import { createModels, put } from './plant.ts';
import { loseServer, TEMPLATE } from './screens.ts';
import { ShiftedClock } from './shifted-clock.ts';

/** The main tasks of the console, in a real browser against a real server. */
describe.runIf(hasBrowser)('journeys', { timeout: 60_000 }, () => {
  let browser: Browser;
  let server: TestServer;
  let clock: ShiftedClock;
  let opened: OpenedPage;
  let page: Page;
  /** The complaints of the page that a test permits. */
  let mayComplain: RegExp | undefined;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  beforeEach(async () => {
    mayComplain = undefined;
    clock = new ShiftedClock();
    server = await startTestServer({}, {}, clock);
    opened = await openPage(browser);
    page = opened.page;
  });
  afterEach(async () => {
    await opened.close();
    await server.dispose();
    expect(opened.complaints.filter((text) => mayComplain?.test(text) !== true)).toEqual([]);
  });

  const heading = (name: string) => page.getByRole('heading', { level: 1, name, exact: true });
  const button = (name: string | RegExp) =>
    page.getByRole('button', { name, exact: typeof name === 'string' });

  async function fromTemplate(title: string, name: string): Promise<void> {
    await page.goto(`${server.url}/console/models/new`);
    await page.getByRole('button', { name: title }).click();
    await page.getByLabel('Name').fill(name);
    await button('Open the editor').click();
    await heading(name).waitFor();
  }

  async function publish(): Promise<void> {
    await button('Publish…').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Publish', exact: true }).click();
    await page.getByRole('link', { name: 'Live' }).waitFor();
  }

  test('a template is published, a message sent, and the transition seen as it happens', async () => {
    await fromTemplate('Threshold with recovery', 'Boiler');
    await publish();
    await page.getByText('Live', { exact: true }).last().waitFor();
    await page.getByRole('button', { name: /^State Normal, initial, 0 detectors/ }).waitFor();
    await put(server.url, 'Reading', { sensorId: 'b1', value: 20 }, { sensorId: 'b1', value: 95 });
    const feed = page.getByRole('list', { name: 'Latest events' });
    await feed.getByText('Normal → Exceeded').waitFor();
    await page.getByRole('button', { name: /^State Exceeded, 1 detector,/ }).waitFor();
    await feed.getByRole('link', { name: 'b1' }).first().click();
    await heading('b1').waitFor();
    await page.getByRole('button', { name: /^State Exceeded, active/ }).waitFor();
    // Sent from the detector's own page.
    await button('Send message').click();
    await page.getByLabel('Message (JSON)').fill('{"sensorId":"b1","value":40}');
    await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('cell', { name: 'goodReadings', exact: true }).waitFor();
    await expect
      .poll(() => page.getByRole('list', { name: 'Evaluations' }).getByRole('button').count())
      .toBe(3);
    // The reason why it is not Normal again: the condition, with the value that made it false.
    await page.getByText('$variable.goodReadings >= 2', { exact: true }).first().waitFor();
  });

  test('a CloudFormation template is imported, published, and its first transition seen', async () => {
    const template = [
      'Parameters: { Limit: { Type: Number, Default: 30 } }',
      'Resources:',
      '  Reading:',
      '    Type: AWS::IoTEvents::Input',
      '    Properties:',
      '      InputName: Room',
      '      InputDefinition: { Attributes: [{ JsonPath: room }, { JsonPath: degrees }] }',
      '  Model:',
      '    Type: AWS::IoTEvents::DetectorModel',
      '    Properties:',
      '      DetectorModelName: Rooms',
      '      Key: room',
      '      RoleArn: arn:aws:iam::000000000000:role/Rooms',
      '      DetectorModelDefinition:',
      '        InitialStateName: Cool',
      '        States:',
      '          - StateName: Cool',
      '            OnInput:',
      '              TransitionEvents:',
      '                - EventName: heat',
      '                  Condition: !Sub $input.Room.degrees > ${Limit}',
      '                  NextState: Hot',
      '          - StateName: Hot',
    ].join('\n');
    await page.goto(`${server.url}/console/models/new`);
    const file = { name: 'rooms.yaml', mimeType: 'application/yaml', buffer: Buffer.from(template) };
    await page.getByLabel(/Choose files/).setInputFiles(file);
    const report = page.getByRole('region', { name: 'Found in the files' });
    await report.getByText('1 detector model, 1 input').waitFor();
    await report.getByRole('button', { name: 'Import' }).click();
    await heading('Rooms').waitFor();
    await publish();
    await page.getByText('Live', { exact: true }).last().waitFor();
    await put(server.url, 'Room', { room: 'r1', degrees: 20 }, { room: 'r1', degrees: 31 });
    await page.getByRole('list', { name: 'Latest events' }).getByText('Cool → Hot').waitFor();
  });

  test('values that a template leaves open are asked for', async () => {
    await page.goto(`${server.url}/console/models/new`);
    const drop = await page.evaluateHandle(dropOf('stack.json', TEMPLATE));
    await page.locator('.drop').dispatchEvent('drop', { dataTransfer: drop });
    const report = page.getByRole('region', { name: 'Found in the files' });
    await report.getByText('1 detector model, 1 input').waitFor();
    await report.getByText('roleArn of TankLevels').waitFor();
    const role = 'arn:aws:iam::000000000000:role/Tanks';
    await report.getByLabel('Role.Arn').fill(role);
    await report.getByRole('button', { name: 'Import' }).click();
    await heading('TankLevels').waitFor();
    await button('Publish…').click();
    expect(await page.getByRole('dialog').getByLabel('Role ARN').inputValue()).toBe(role);
  });

  test('a heartbeat that stays away is seen when its timer expires', async () => {
    await fromTemplate('Device heartbeat', 'Devices');
    await publish();
    await put(server.url, 'Heartbeat', { deviceId: 'd1' });
    await page.goto(`${server.url}/console/models/Devices/detector?key=d1`);
    await page.getByText('awake', { exact: true }).waitFor();
    await page.getByRole('button', { name: /^State Online, initial, active/ }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    clock.pass(61_000);
    await page.getByRole('button', { name: /^State Offline, active/ }).waitFor();
    await page.getByRole('button', { name: /Timer awake expired/ }).waitFor();
  });

  test('an error of the analysis leads to its place', async () => {
    await fromTemplate('Threshold with recovery', 'Boiler');
    await button('List').click();
    await page.getByRole('button', { name: /^Limit exceeded/ }).click();
    await page.getByLabel('Condition').fill('$input.Reading.value >');
    const findings = page.getByRole('list', { name: 'Findings' });
    await findings.getByRole('button').first().waitFor();
    await page.getByRole('button', { name: /^Exceeded/ }).click();
    await findings.getByText('states[0].onInput.transitionEvents[0]', { exact: true }).first().click();
    await expect.poll(() => page.evaluate(focusedValue)).toBe('$input.Reading.value >');
    await button('Publish…').click();
    await page.getByText(/keeps? the model from being published/).waitFor();
    expect(
      await page.getByRole('dialog').getByRole('button', { name: 'Publish', exact: true }).isDisabled(),
    ).toBe(true);
  });

  test('a refresh keeps what was edited, and undo gives back what was there', async () => {
    await createModels(server.url);
    await page.goto(`${server.url}/console/models/PumpPressure/edit`);
    await button('List').click();
    await page.getByRole('button', { name: /^Overpressure/ }).click();
    await page.getByLabel('State name').fill('TooMuch');
    await page.getByText('Changes that are not published.').waitFor();
    await page.getByRole('button', { name: /^Bearing hot under load to TooMuch/ }).waitFor();
    await expect.poll(() => page.evaluate(draftIsSaved)).toBe(true);
    await page.reload();
    await page.getByText('Changes that are not published.').waitFor();
    await button('List').click();
    await page.getByRole('button', { name: /^TooMuch/ }).waitFor();
    await button('Discard changes').click();
    await button('List').click();
    await page.getByRole('button', { name: /^Overpressure/ }).waitFor();
    await expect.poll(() => page.getByText('Changes that are not published.').count()).toBe(0);
  });

  test('a model of two states is built with the keyboard alone', async () => {
    await page.goto(`${server.url}/console/models/new`);
    await heading('New detector model').waitFor();
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    /** Presses Tab until the focus is on an element of that name. */
    const tabTo = async (name: RegExp) => {
      for (let steps = 0; steps < 80; steps++) {
        if (name.test(await page.evaluate(focusedName))) return;
        await press('Tab');
      }
      throw new Error(`Tab never came to ${name}`);
    };
    await tabTo(/^Empty/);
    await press('Enter');
    await page.getByRole('dialog').waitFor();
    await tabTo(/^Name$/);
    await press('Control+a');
    await page.keyboard.type('Door');
    await press('Enter');
    await heading('Door').waitFor();
    await tabTo(/^List$/);
    await press('Enter');
    await tabTo(/^Add state$/);
    await press('Enter');
    await page.getByRole('textbox', { name: 'State name' }).waitFor();
    await tabTo(/^State name$/);
    await press('Control+a');
    await page.keyboard.type('Open');
    await page.evaluate(focusFirst);
    await tabTo(/^Start/);
    await press('Enter');
    await tabTo(/^Add transition$/);
    await press('Enter');
    await tabTo(/^Untitled/);
    await press('Enter');
    await tabTo(/^Condition$/);
    await page.keyboard.type('$input.Reading.value > 0');
    await page.evaluate(focusFirst);
    await tabTo(/^Publish…$/);
    await press('Enter');
    await page.getByRole('dialog').waitFor();
    await tabTo(/^Publish$/);
    await press('Enter');
    const line = page.getByRole('button', { name: /^Transition Untitled, from Start to Open/ });
    await line.waitFor({ state: 'attached' });
    const client = new ApiClient(server.url);
    const described = await client.call('GET', '/detector-models/Door');
    expect(described).toMatchObject({
      detectorModel: { detectorModelDefinition: { states: [{ stateName: 'Start' }, { stateName: 'Open' }] } },
    });
  });

  test('a server that stops answering is said, and no more once it answers again', async () => {
    await createModels(server.url);
    await page.goto(`${server.url}/console/models`);
    await page.getByRole('link', { name: 'PumpPressure' }).waitFor();
    mayComplain = /ERR_CONNECTION_REFUSED/;
    await loseServer(page);
    const stale = page.getByText('What you see may be out of date');
    await stale.waitFor();
    await page.unrouteAll();
    await expect.poll(() => stale.count(), { timeout: 10_000 }).toBe(0);
    await page.getByRole('link', { name: 'PumpPressure' }).waitFor();
  });

  test('any model is a few letters away', async () => {
    await createModels(server.url);
    await page.goto(`${server.url}/console/`);
    await heading('Overview').waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.type('heartb');
    await page.getByRole('menuitem', { name: 'PumpHeartbeat' }).waitFor();
    await page.keyboard.press('Enter');
    await heading('PumpHeartbeat').waitFor();
    expect(page.url()).toBe(`${server.url}/console/models/PumpHeartbeat`);
  });

  test('a topic rule is tried, saved and listed', async () => {
    await createModels(server.url);
    await page.goto(`${server.url}/console/rules/new`);
    await page.getByLabel('Name').fill('pump_pressure');
    await page
      .getByLabel('Statement (SQL)')
      .fill("SELECT topic(2) AS pumpId, bar FROM 'pumps/+/pressure' WHERE bar > 5");
    await page.getByLabel('Topic', { exact: true }).fill('pumps/P-7/pressure');
    await page.getByLabel('Payload').fill('{"bar": 4}');
    await button('Run').click();
    await page.getByText('is not true for the message').waitFor();
    await page.getByLabel('Payload').fill('{"bar": 8.5}');
    await button('Run').click();
    await page.getByRole('region', { name: 'Result' }).getByText('"pumpId": "P-7"').waitFor();
    await button('Create topic rule').click();
    await heading('pump_pressure').waitFor();
    await page.getByRole('link', { name: 'Topic rules' }).first().click();
    await page.getByRole('row', { name: /pump_pressure pumps\/\+\/pressure Enabled/ }).waitFor();
  });

  test('alarms are acknowledged from the keyboard', async () => {
    await createModels(server.url);
    await put(server.url, 'PumpTemperature', { pumpId: 'P-1', sensor: { temperature: 90.5 } });
    await page.goto(`${server.url}/console/alarms`);
    await page.getByRole('button', { name: /^P-1/ }).focus();
    await page.keyboard.press('a');
    await page.getByRole('dialog').getByLabel('Note (optional)').fill('on my way');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^P-1.*Acknowledged/ }).waitFor();
    await page.getByText('Acknowledge: on my way').waitFor();
  });

  test('several alarms are snoozed at once from the keyboard, for a length of one’s own', async () => {
    await createModels(server.url);
    const temperature = (pumpId: string) => ({ pumpId, sensor: { temperature: 90.5 } });
    await put(server.url, 'PumpTemperature', temperature('P-1'), temperature('P-2'), temperature('P-3'));
    await page.goto(`${server.url}/console/alarms`);
    await page.getByRole('button', { name: /^P-1/ }).focus();
    for (const key of ['x', 'j', 'x', 's']) await page.keyboard.press(key);
    const dialog = page.getByRole('dialog', { name: 'Snooze 2 alarms' });
    await dialog.getByLabel('For', { exact: true }).selectOption('Another length');
    await dialog.getByLabel('Length').fill('soon');
    expect(await dialog.getByRole('button', { name: 'Snooze' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Length').fill('1m30s');
    await page.keyboard.press('Enter');
    for (const name of [/^P-1.*Snoozed/, /^P-2.*Snoozed/, /^P-3.*Active/])
      await page.getByRole('button', { name }).waitFor();
    // The focus is still in the list, on the most urgent item.
    await expect.poll(() => page.evaluate(focusedName)).toMatch(/^P-3/);
    await page.keyboard.press('a');
    await page.getByRole('dialog', { name: 'Acknowledge P-3' }).waitFor();
    await page.keyboard.press('Escape');
    clock.pass(91_000);
    await page.getByRole('button', { name: /^P-1.*Normal|^P-1.*Active/ }).waitFor();
  });
});

describe.runIf(hasBrowser)('a server that wants signatures', { timeout: 60_000 }, () => {
  test('refuses a wrong secret, takes the right one, and shows what its policy allows', async () => {
    const browser = await launchBrowser();
    const credentials = join(mkdtempSync(join(tmpdir(), 'tripline-keys-')), 'keys.json');
    const policy = {
      Statement: [
        {
          Effect: 'Allow',
          Action: ['iotevents:List*', 'iotevents:Describe*', 'tripline:Get*'],
          Resource: '*',
        },
      ],
    };
    const keys = [{ accessKeyId: 'AKIAVIEWER', secretAccessKey: 'view-secret', policy }];
    writeFileSync(credentials, JSON.stringify({ credentials: keys }), { mode: 0o600 });
    const server = await startTestServer({}, { credentials });
    const { page, complaints, close } = await openPage(browser);
    await page.goto(`${server.url}/console/models`);
    await page.getByLabel('Access key ID').fill('AKIAVIEWER');
    await page.getByLabel('Secret access key').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Secret access key').fill('view-secret');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Detector models' }).waitFor();
    await page.getByText('No detector models yet').waitFor();
    // The user may view but not change.
    expect(await page.getByRole('link', { name: 'New detector model' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Actions' }).click();
    await page.getByText('Your access key may not do this').waitFor();
    // The secret is not stored anywhere.
    expect(await page.evaluate(storedTexts)).not.toContain('view-secret');
    expect(await page.context().cookies()).toEqual([]);
    await page.reload();
    await page.getByLabel('Secret access key').waitFor();
    // The browser logs the expected refusals, and nothing else.
    expect(complaints.filter((text) => !/status of 40[03]/.test(text))).toEqual([]);
    await close();
    await server.dispose();
    await browser.close();
  });
});

describe.runIf(hasBrowser)('an action that fails', { timeout: 60_000 }, () => {
  let stub: HttpServer;
  let isThere = false;
  const before = { ...process.env };

  beforeAll(async () => {
    stub = createServer((request, response) => {
      request.resume();
      request.on('end', () => {
        response.setHeader('content-type', 'application/json');
        if (isThere) response.writeHead(202).end();
        else {
          response.setHeader('x-amzn-errortype', 'ResourceNotFoundException');
          response.writeHead(404).end('{"Message":"Function not found: pump-off"}');
        }
      });
    });
    await new Promise<void>((resolve) => stub.listen(0, '127.0.0.1', resolve));
    process.env.AWS_ENDPOINT_URL_LAMBDA = `http://127.0.0.1:${(stub.address() as AddressInfo).port}`;
    process.env.AWS_ACCESS_KEY_ID = 'test';
    process.env.AWS_SECRET_ACCESS_KEY = 'test';
  });
  afterAll(() => {
    process.env = before;
    stub.closeAllConnections();
    stub.close();
  });

  test('is found with its reason and its request, and redriven once the target is there', async () => {
    const browser = await launchBrowser();
    const server = await startTestServer({}, { actions: 'aws' });
    const client = new ApiClient(server.url);
    const inputDefinition = { attributes: [{ jsonPath: 'id' }] };
    await client.call('POST', '/inputs', { inputName: 'I', inputDefinition });
    const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:pump-off';
    const events = [
      { eventName: 'stop', condition: 'currentInput("I")', actions: [{ lambda: { functionArn } }] },
    ];
    await client.call('POST', '/detector-models', {
      detectorModelName: 'M',
      key: 'id',
      roleArn: 'arn:aws:iam::000000000000:role/M',
      detectorModelDefinition: { initialStateName: 'A', states: [{ stateName: 'A', onInput: { events } }] },
    });
    await put(server.url, 'I', { id: 'x' });
    const { page, complaints, close } = await openPage(browser);
    await page.goto(`${server.url}/console/actions?status=FAILED`);
    await page.getByRole('row', { name: /Failed lambda.*Function not found/ }).waitFor();
    await page.getByRole('button', { name: 'lambda' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('region', { name: 'Request' }).getByText('pump-off').waitFor();
    isThere = true;
    await dialog.getByRole('button', { name: 'Redrive' }).click();
    await dialog.getByText('Delivered').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByText('No action fits').waitFor();
    expect(complaints).toEqual([]);
    await close();
    await server.dispose();
    await browser.close();
  });
});

/* These run in the page, as text, since the tests have no browser types. */
const focusedValue = 'document.activeElement.value ?? document.activeElement.innerText';
/** Simulates dropping a file. */
const dropOf = (name: string, text: string) => `(() => {
  const dropped = new DataTransfer();
  dropped.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)}));
  return dropped;
})()`;
const focusFirst = 'document.querySelector("main").focus()';
const storedTexts = 'JSON.stringify([{ ...localStorage }, { ...sessionStorage }])';
const focusedName = `(() => {
  const element = document.activeElement;
  const named = document.getElementById(element.getAttribute('aria-labelledby') ?? '');
  const label = element.labels?.[0]?.innerText ?? named?.innerText ?? element.getAttribute('aria-label');
  return (label ?? element.innerText ?? '').trim();
})()`;
const draftIsSaved = `new Promise((resolve, reject) => {
  const opening = indexedDB.open('keyval-store');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const reading = opening.result.transaction('keyval').objectStore('keyval').get('draft/PumpPressure');
    reading.onsuccess = () => resolve(JSON.stringify(reading.result ?? '').includes('TooMuch'));
    reading.onerror = () => reject(reading.error);
  };
})`;
