import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { runCli } from '../support/run-cli.ts';
import { hasBrowser } from './browser.ts';
import { useConsole } from './use-console.ts';

/** The simulate mode: the engine in the page, with its own clock, and stepping back and forth. */
describe.runIf(hasBrowser)('the simulator', { timeout: 60_000 }, () => {
  const used = useConsole();

  const button = (name: string | RegExp) =>
    used.page.getByRole('button', { name, exact: typeof name === 'string' });
  const why = () => used.page.getByRole('region', { name: 'Why did it (not) fire?' });
  const send = async (pressure: string) => {
    await used.page.getByLabel('sensor.pressure').fill(pressure);
    await button('Send to PumpPressure').click();
  };

  test('is scrubbed back to a condition that did not fire, and goes on from there', async () => {
    await used.page.goto(`${used.server.url}/console/models/PumpPressure/simulate`);
    await used.page.getByLabel('pumpId').first().fill('P-1');
    await used.page.getByLabel('Input').selectOption('PumpPressure');
    await used.page.getByLabel('pumpId').first().fill('P-1');
    await send('7.5');
    await send('8.25');
    await button(/^State Overpressure, active/).waitFor();
    await used.page.getByRole('cell', { name: '8.25', exact: true }).first().waitFor();
    const slider = used.page.getByRole('slider', { name: 'Moment' });
    expect(await slider.getAttribute('aria-valuetext')).toContain(
      '3 of 3: a message on PumpPressure for P-1',
    );
    // Back with the keyboard: graph, variables and condition are those of that moment.
    await slider.focus();
    await used.page.keyboard.press('ArrowLeft');
    await button(/^State Normal, initial, active/).waitFor();
    const condition = why().getByRole('listitem').filter({ hasText: 'Pressure too high' });
    await condition.getByText('false', { exact: true }).waitFor();
    const read = condition.getByRole('row', { name: '$input.PumpPressure.sensor.pressure 7.5' });
    await read.waitFor();
    await slider.press('ArrowRight');
    await condition.getByText('true', { exact: true }).waitFor();
    await why().getByText('What would be sent').first().click();
    await why().getByText('Pump P-1 is at 8.25 bar').waitFor();
    await slider.press('ArrowLeft');
    await button('Go on from here').click();
    expect(await slider.getAttribute('aria-valuetext')).toContain('2 of 2');
    await used.page.getByRole('list', { name: 'Moments' }).getByText('PumpPressure for P-1').waitFor();
  });

  test('lets the clock go on by timers, durations and by itself', async () => {
    await used.page.goto(`${used.server.url}/console/models/PumpHeartbeat/simulate`);
    await button(/^Send to/).click();
    await button(/^Next timer, in/).click();
    await used.page
      .getByRole('list', { name: 'Moments' })
      .getByText(/^Timer .* expired/)
      .first()
      .waitFor();
    await used.page.getByLabel('Advance by').fill('1h30m');
    await button('Advance').click();
    await used.page.getByText(/^1 h 3\d min .*since the start/).waitFor();
    await used.page.getByLabel('Advance by').fill('soon');
    expect(await button('Advance').isDisabled()).toBe(true);
    await used.page.getByLabel('Speed of the clock').selectOption('3,600 ×');
    await button('Run').click();
    await used.page.getByText(/^(\d+ d|[2-9] h|[12]\d h)\b.*since the start/).waitFor();
    await button('Pause').click();
  });

  test('plays a file of messages, and what it did is a test that the command runs', async () => {
    await used.page.goto(`${used.server.url}/console/models/PumpPressure/simulate`);
    await used.page.getByLabel('Input').selectOption('PumpPressure');
    const csv = [
      'time,pumpId,sensor.pressure',
      '2026-01-01T00:00:00Z,P-1,7.5',
      '2026-01-01T00:00:10Z,P-2,9.0',
      '2026-01-01T00:00:20Z,P-1,8.5',
    ].join('\n');
    await used.page
      .getByLabel(/Choose a file of messages/)
      .setInputFiles({ name: 'readings.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
    await used.page.getByText('3 of 3 messages of readings.csv were played.').waitFor();
    await used.page.getByLabel('Detector', { exact: true }).selectOption('P-2');
    await used.page.getByRole('region', { name: 'Detector P-2' }).getByText('9.0').waitFor();
    await button('Step 1 s').click();
    await button('Save as test…').click();
    const folder = mkdtempSync(join(tmpdir(), 'tripline-saved-'));
    const save = async (name: string) => {
      const [download] = await Promise.all([
        used.page.waitForEvent('download'),
        used.page.getByRole('dialog').getByRole('button', { name }).click(),
      ]);
      const path = join(folder, download.suggestedFilename());
      await download.saveAs(path);
      return path;
    };
    await used.page.getByLabel('Name of the scenario').fill('Two pumps');
    await save('Save the model');
    const scenario = await save('Save the scenario');
    const passed = await runCli('test', scenario);
    expect(passed.out).toContain('Two pumps');
    expect(passed.code).toBe(0);
    const changed = join(folder, 'changed.scenario.json');
    writeFileSync(
      changed,
      readFileSync(scenario, 'utf8').replace('"state":"Overpressure"', '"state":"Normal"'),
    );
    expect((await runCli('test', changed)).code).toBe(1);
  });

  test('simulates a chain of models and an alarm model on one clock, and saves them as one test', async () => {
    const client = new ApiClient(used.server.url);
    await client.call('POST', '/inputs', {
      inputName: 'Valve',
      inputDefinition: { attributes: [{ jsonPath: 'pumpId' }] },
    });
    const roleArn = 'arn:aws:iam::000000000000:role/Relay';
    const onInput = (condition: string, rest: object) => ({
      onInput: { events: [{ eventName: 'tell', condition, ...rest }] },
    });
    await client.call('POST', '/detector-models', {
      detectorModelName: 'Relay',
      key: 'pumpId',
      roleArn,
      detectorModelDefinition: {
        initialStateName: 'Watching',
        states: [
          {
            stateName: 'Watching',
            ...onInput('$input.PumpTemperature.sensor.temperature > 60', {
              actions: [
                {
                  iotEvents: {
                    inputName: 'Valve',
                    payload: { contentExpression: '\'{"pumpId": "relay"}\'', type: 'JSON' },
                  },
                },
              ],
            }),
          },
        ],
      },
    });
    await client.call('POST', '/detector-models', {
      detectorModelName: 'Valves',
      key: 'pumpId',
      roleArn,
      detectorModelDefinition: {
        initialStateName: 'Open',
        states: [{ stateName: 'Open', ...onInput('currentInput("Valve")', { actions: [] }) }],
      },
    });
    await used.page.goto(`${used.server.url}/console/models/Relay/simulate`);
    await button('Other models…').click();
    const dialog = used.page.getByRole('dialog');
    await dialog
      .getByRole('checkbox', { name: /^Valves detector model, reads Valve, which Relay writes/ })
      .check();
    await dialog
      .getByRole('checkbox', { name: /^BearingTemperature alarm model, reads PumpTemperature, too/ })
      .check();
    await dialog.getByRole('button', { name: 'Simulate 3 models' }).click();
    await button('3 models…').waitFor();
    expect(new URL(used.page.url()).searchParams.get('with')).toBe('Valves,alarm:BearingTemperature');
    await used.page.getByLabel('pumpId').first().fill('P-1');
    await used.page.getByLabel('sensor.temperature').fill('90.5');
    await button('Send to PumpTemperature').click();
    const stands = used.page.getByRole('list', { name: 'Detectors and alarms' });
    await stands.getByRole('button', { name: 'Relay P-1 Watching' }).waitFor();
    await stands.getByRole('button', { name: 'Valves relay Open' }).waitFor();
    // The alarm, as its operator sees it.
    await stands.getByRole('button', { name: 'BearingTemperature P-1 Active' }).click();
    await why().getByText('90.5 > 70').waitFor();
    await used.page
      .getByRole('group', { name: 'As an operator' })
      .getByRole('button', { name: 'Acknowledge' })
      .click();
    await stands.getByRole('button', { name: 'BearingTemperature P-1 Acknowledged' }).waitFor();
    await why().getByText('An operator’s').waitFor();
    // A reload keeps the participants, and starts over.
    await used.page.reload();
    await button('3 models…').waitFor();
    await used.page.getByLabel('sensor.temperature').fill('65.5');
    await button('Send to PumpTemperature').click();
    await button('Save as test…').click();
    const folder = mkdtempSync(join(tmpdir(), 'tripline-saved-'));
    let scenario = '';
    for (const name of ['Save Relay', 'Save Valves', 'Save BearingTemperature', 'Save the scenario']) {
      const [download] = await Promise.all([
        used.page.waitForEvent('download'),
        used.page.getByRole('dialog').getByRole('button', { name, exact: true }).click(),
      ]);
      scenario = join(folder, download.suggestedFilename());
      await download.saveAs(scenario);
    }
    expect((await runCli('test', scenario)).code).toBe(0);
    const changed = join(folder, 'changed.scenario.json');
    writeFileSync(changed, readFileSync(scenario, 'utf8').replace('"state":"NORMAL"', '"state":"ACTIVE"'));
    expect((await runCli('test', changed)).code).toBe(1);
    // Another user deletes one of them.
    used.mayComplain(/status of 404/);
    await client.call('DELETE', '/detector-models/Valves');
    await used.page.reload();
    await used.page.getByText('It cannot be simulated together').waitFor();
    await button('Simulate Relay alone').click();
    await button('Other models…').waitFor();
  });

  test('simulates a draft, and says what keeps it from running', async () => {
    await used.page.goto(`${used.server.url}/console/models/PumpPressure/edit`);
    await button('List').click();
    await button(/^Pressure too high/).click();
    await used.page.getByLabel('Condition').fill('$input.PumpPressure.sensor.pressure > 5');
    await used.page.getByRole('link', { name: 'Simulate' }).click();
    await used.page.getByText('With your changes that are not published').waitFor();
    await used.page.getByLabel('Input').selectOption('PumpPressure');
    await send('6');
    await button(/^State Overpressure, active/).waitFor();
    await button('Published').click();
    await used.page.getByLabel('Input').selectOption('PumpPressure');
    await send('6');
    await button(/^State Normal, initial, active/).waitFor();
    await used.page.getByRole('link', { name: 'Edit' }).click();
    await button('List').click();
    await button(/^Pressure too high/).click();
    await used.page.getByLabel('Condition').fill('$input.PumpPressure.sensor.pressure >');
    await used.page.getByRole('link', { name: 'Simulate' }).click();
    await used.page.getByText('It cannot be simulated yet').waitFor();
    await used.page.getByRole('list', { name: 'Errors' }).getByText('transitionEvents[0]').waitFor();
  });
});
