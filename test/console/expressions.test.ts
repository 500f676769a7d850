import type { Locator } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { hasBrowser } from './browser.ts';
import { useConsole } from './use-console.ts';

/** Editing expressions: completion, colouring, and marks for findings of the analysis. */
describe.runIf(hasBrowser)('expressions', { timeout: 60_000 }, () => {
  const used = useConsole();
  beforeEach(async () => {
    await used.page.goto(`${used.server.url}/console/models/PumpPressure/edit`);
    await used.page.getByRole('button', { name: 'List', exact: true }).click();
    await used.page.getByRole('button', { name: /^Pressure too high/ }).click();
  });

  const condition = (): Locator => used.page.getByRole('textbox', { name: 'Condition' });
  const option = (name: string | RegExp) => used.page.getByRole('option', { name });
  const replaceWith = async (text: string) => {
    await condition().press('Control+a');
    await used.page.keyboard.type(text);
  };

  test('are completed with inputs, attributes, variables and functions, and their documentation', async () => {
    await replaceWith('$inp');
    await option(/^\$input\./)
      .first()
      .waitFor();
    await used.page.keyboard.press('Escape');
    await replaceWith('$input.PumpPressure.');
    await option(/^sensor\.pressure/).waitFor();
    await used.page.keyboard.type('sens');
    await used.page.getByText('An attribute of the input PumpPressure').waitFor();
    await used.page.keyboard.press('Enter');
    await expect.poll(() => condition().innerText()).toBe('$input.PumpPressure.sensor.pressure');
    await used.page.keyboard.type(' > $variable.go');
    await used.page.getByText(/^Set to 0 by Start counting of Normal/).waitFor();
    await used.page.keyboard.press('Tab');
    await expect
      .poll(() => condition().innerText())
      .toBe('$input.PumpPressure.sensor.pressure > $variable.goodReadings');
    await used.page.keyboard.type(' && currentI');
    await used.page.getByText('True when a message on that input triggered the evaluation').waitFor();
    await used.page.keyboard.press('Enter');
    await option(/^PumpTemperature/).waitFor();
    // The reference has another colour than its surroundings.
    const colours = new Set((await used.page.evaluate(coloursOfCondition)) as string[]);
    expect(colours.size).toBeGreaterThan(2);
  });

  test('are marked where the analysis finds fault', async () => {
    await replaceWith('$input.PumpPressure.sensor.presure > 8.0 && $variable.pek == 1');
    await used.page.keyboard.press('Escape');
    const marks = condition().locator('.cm-lintRange');
    await expect
      .poll(() => marks.allInnerTexts())
      .toEqual(['$input.PumpPressure.sensor.presure', '$variable.pek']);
    await used.page.getByText('Did you mean sensor.pressure?').first().waitFor();
    expect(await condition().getAttribute('aria-invalid')).toBe('true');
    await replaceWith('$input.PumpPressure.sensor.pressure > 8.0');
    await expect.poll(() => marks.count()).toBe(0);
    expect(await condition().getAttribute('aria-invalid')).toBe('false');
  });

  test('never hold the focus: Escape and Tab lead out', async () => {
    await replaceWith('$');
    await option(/^\$input\./)
      .first()
      .waitFor();
    await used.page.keyboard.press('Escape');
    await expect.poll(() => used.page.getByRole('listbox').count()).toBe(0);
    await used.page.keyboard.press('Tab');
    await expect.poll(() => used.page.evaluate(focused)).toBe('Next state');
    await used.page.keyboard.press('Shift+Tab');
    await expect.poll(() => used.page.evaluate(focused)).toBe('Condition');
  });

  test('are completed and marked within the JSON too', async () => {
    await used.page.getByRole('button', { name: 'JSON', exact: true }).click();
    const definition = used.page.getByRole('textbox', { name: 'Definition' });
    const line = definition.locator('.cm-line', {
      hasText: '"condition": "$input.PumpPressure.sensor.pressure > 8.0"',
    });
    await line.click();
    await used.page.keyboard.press('End');
    for (let steps = 0; steps < 2; steps++) await used.page.keyboard.press('ArrowLeft');
    await used.page.keyboard.type(' && currentInput(');
    await used.page.keyboard.type('\\"PumpP');
    await option(/^PumpPressure/).waitFor();
    await used.page.keyboard.press('Enter');
    await used.page.keyboard.type('\\") >');
    await expect.poll(() => definition.locator('.cm-lintRange-error').count()).toBeGreaterThan(0);
  });
});

/* These run in the page, as text, since the tests have no browser types. */
const coloursOfCondition =
  '[...document.querySelectorAll(".expression-editor .cm-line span")].map((part) => getComputedStyle(part).color)';
const focused =
  '(document.activeElement.labels?.[0] ?? document.getElementById(document.activeElement.getAttribute("aria-labelledby")))?.innerText';
