import type { Page } from 'playwright-core';

/** Every screen by its address, on a server that `fillPlant` has filled. */
export interface Screen {
  readonly name: string;
  readonly path: string;
  /** The screen's heading. */
  readonly ready: string;
  /** Whether it also shows something on a server without anything. */
  readonly isEmptyToo?: boolean;
  /** Whether it says so when the server cannot answer. */
  readonly failsToo?: boolean;
  /** Opens what the screen does not show by itself: a dialog, an inspector, options. */
  readonly prepare?: (page: Page) => Promise<void>;
}

/** Lets a page load while the server answers nothing that screens are drawn from. */
export async function failEverything(page: Page): Promise<void> {
  const isData = ({ pathname }: URL) => !pathname.startsWith('/console') && pathname !== '/_tripline/session';
  await page.route(isData, (route) =>
    route.fulfill({
      status: 503,
      headers: { 'x-amzn-errortype': 'ServiceUnavailableException' },
      contentType: 'application/json',
      body: '{"message": "The message store failed: no space left on device"}',
    }),
  );
}

export const SCREENS: readonly Screen[] = [
  { name: 'overview', path: '/console/', ready: 'Overview', isEmptyToo: true, failsToo: true },
  { name: 'models', path: '/console/models', ready: 'Detector models', isEmptyToo: true, failsToo: true },
  { name: 'model-live', path: '/console/models/PumpPressure', ready: 'PumpPressure', failsToo: true },
  { name: 'model-new', path: '/console/models/new', ready: 'New detector model' },
  { name: 'model-edit', path: '/console/models/PumpPressure/edit', ready: 'PumpPressure' },
  { name: 'model-simulate', path: '/console/models/PumpPressure/simulate', ready: 'PumpPressure' },
  { name: 'model-definition', path: '/console/models/PumpPressure/definition', ready: 'PumpPressure' },
  { name: 'model-detectors', path: '/console/models/PumpPressure/detectors', ready: 'PumpPressure' },
  { name: 'model-missing', path: '/console/models/None', ready: 'None' },
  {
    name: 'detector',
    path: '/console/models/PumpPressure/detector?key=P-103',
    ready: 'P-103',
    failsToo: true,
  },
  { name: 'inputs', path: '/console/inputs', ready: 'Inputs', isEmptyToo: true, failsToo: true },
  { name: 'input-new', path: '/console/inputs/new', ready: 'New input' },
  { name: 'input', path: '/console/inputs/PumpPressure', ready: 'PumpPressure', failsToo: true },
  { name: 'alarms', path: '/console/alarms', ready: 'Alarms', isEmptyToo: true, failsToo: true },
  { name: 'alarm-models', path: '/console/alarm-models', ready: 'Alarm models', isEmptyToo: true },
  { name: 'alarm-model', path: '/console/alarm-models/BearingTemperature', ready: 'BearingTemperature' },
  { name: 'alarm-model-new', path: '/console/alarm-models/new', ready: 'New alarm model' },
  { name: 'logging', path: '/console/logging', ready: 'Logging', isEmptyToo: true },
  { name: 'rules', path: '/console/rules', ready: 'Topic rules', isEmptyToo: true, failsToo: true },
  { name: 'rule', path: '/console/rules/PumpPressure', ready: 'PumpPressure' },
  { name: 'rule-new', path: '/console/rules/new', ready: 'New topic rule' },
  { name: 'devices', path: '/console/devices', ready: 'Devices', isEmptyToo: true, failsToo: true },
  { name: 'actions', path: '/console/actions', ready: 'Actions', isEmptyToo: true, failsToo: true },
  {
    name: 'moment',
    path: '/console/models/PumpPressure/simulate',
    ready: 'PumpPressure',
    prepare: async (page) => {
      await page.getByLabel('Input').selectOption('PumpPressure');
      await page.getByLabel('sensor.pressure').fill('9.5');
      await page.getByRole('button', { name: 'Send to PumpPressure' }).click();
      await page.getByText('What would be sent').first().click();
    },
  },
  {
    name: 'save-as-test',
    path: '/console/models/PumpPressure/simulate',
    ready: 'PumpPressure',
    prepare: async (page) => {
      await page.getByRole('button', { name: /^Send to/ }).click();
      await page.getByRole('button', { name: 'Save as test…' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'send-message',
    path: '/console/models/PumpPressure/detector?key=P-103',
    ready: 'P-103',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Send message' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'palette',
    path: '/console/',
    ready: 'Overview',
    prepare: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('menuitem').first().waitFor();
    },
  },
  // These leave a draft in the browser, which the simulator would take.
  {
    name: 'inspector-with-options',
    path: '/console/models/PumpPressure/edit',
    ready: 'PumpPressure',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'List', exact: true }).click();
      await page.getByRole('button', { name: /^Pressure too high/ }).click();
      await page.getByRole('textbox', { name: 'Condition' }).press('End');
      await page.keyboard.type(' && $');
      await page
        .getByRole('option', { name: /^\$variable\./ })
        .first()
        .waitFor();
    },
  },
  {
    name: 'publish',
    path: '/console/models/PumpPressure/edit',
    ready: 'PumpPressure',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Add state' }).click();
      await page.getByRole('button', { name: 'Publish…' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'json',
    path: '/console/models/PumpPressure/edit',
    ready: 'PumpPressure',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'JSON', exact: true }).click();
      await page.getByRole('textbox', { name: 'Definition' }).waitFor();
    },
  },
];
