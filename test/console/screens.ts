import type { Page } from 'playwright-core';

/** Every screen with its address, on a server filled by `fillPlant`. */
export interface Screen {
  readonly name: string;
  readonly path: string;
  /** Its heading, or that of the dialog above it. */
  readonly ready: string;
  /** Whether it also shows something on an empty server. */
  readonly isEmptyToo?: boolean;
  /** Whether it reports when the server cannot answer, and when the access key lacks permission. */
  readonly failsToo?: boolean;
  readonly trouble?: Trouble;
  /** Widths at which it is visible; all of them when absent. */
  readonly widths?: readonly number[];
  /** Opens parts that are not visible at first: a dialog, an inspector, options. */
  readonly prepare?: (page: Page) => Promise<void>;
}

/**
 * The state of the server:
 * - `failing`: it answers 503 to all data requests of screens;
 * - `gone`: only the files of the page are served;
 * - `denied`: it requires signatures, and the key used has no permissions;
 * - `locked`: it requires signatures, and nobody has signed in.
 */
export type Trouble = 'failing' | 'gone' | 'denied' | 'locked';

/** A screen in one of its states. */
export interface View extends Pick<Screen, 'name' | 'path' | 'ready' | 'trouble' | 'widths' | 'prepare'> {
  readonly isEmpty: boolean;
}

export function viewsOf(screens: readonly Screen[]): View[] {
  return screens.flatMap(({ isEmptyToo = false, failsToo = false, ...screen }) => {
    const { name, path, ready } = screen;
    const whenTroubled = (trouble: Trouble) => ({
      name: `${name}-${trouble}`,
      path,
      ready,
      trouble,
      isEmpty: false,
    });
    return [
      { ...screen, isEmpty: false },
      ...(isEmptyToo ? [{ ...screen, name: `${name}-empty`, isEmpty: true }] : []),
      ...(failsToo ? [whenTroubled('failing'), whenTroubled('denied')] : []),
    ];
  });
}

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });
const dialog = (page: Page) => page.getByRole('dialog').or(page.getByRole('alertdialog'));

/** Clicks a button, and waits for the dialog that it opens. */
const opens = (name: string | RegExp) => async (page: Page) => {
  await button(page, name).first().click();
  await dialog(page).waitFor();
};

const MODEL = '/console/models/PumpPressure';
const DETECTOR = `${MODEL}/detector?key=P-103`;

/** A CloudFormation template with something that cannot be imported. */
export const TEMPLATE = JSON.stringify({
  Resources: {
    Level: {
      Type: 'AWS::IoTEvents::Input',
      Properties: { InputName: 'TankLevel', InputDefinition: { Attributes: [{ JsonPath: 'tankId' }] } },
    },
    Tanks: {
      Type: 'AWS::IoTEvents::DetectorModel',
      Properties: {
        DetectorModelName: 'TankLevels',
        Key: 'tankId',
        RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
        DetectorModelDefinition: { InitialStateName: 'Filling', States: [{ StateName: 'Filling' }] },
      },
    },
    Bucket: { Type: 'AWS::S3::Bucket' },
  },
});

/** Loads a page while the server fails all data requests. */
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

/** Only the files of the page are still served. */
export async function loseServer(page: Page): Promise<void> {
  const isFile = ({ pathname }: URL) =>
    pathname.startsWith('/console') && !pathname.endsWith('settings.json');
  await page.route(
    (url) => !isFile(url),
    (route) => route.abort('connectionrefused'),
  );
}

export interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export async function signIn(page: Page, { accessKeyId, secretAccessKey }: Key): Promise<void> {
  await page.getByLabel('Access key ID').fill(accessKeyId);
  await page.getByLabel('Secret access key').fill(secretAccessKey);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

export const SCREENS: readonly Screen[] = [
  { name: 'overview', path: '/console/', ready: 'Overview', isEmptyToo: true, failsToo: true },
  { name: 'models', path: '/console/models', ready: 'Detector models', isEmptyToo: true, failsToo: true },
  { name: 'models-none-found', path: '/console/models?q=turbine', ready: 'Detector models' },
  { name: 'model-live', path: MODEL, ready: 'PumpPressure', failsToo: true },
  { name: 'model-new', path: '/console/models/new', ready: 'New detector model' },
  { name: 'model-edit', path: `${MODEL}/edit`, ready: 'PumpPressure', failsToo: true },
  { name: 'model-simulate', path: `${MODEL}/simulate`, ready: 'PumpPressure', failsToo: true },
  { name: 'model-definition', path: `${MODEL}/definition`, ready: 'PumpPressure', failsToo: true },
  { name: 'model-detectors', path: `${MODEL}/detectors`, ready: 'PumpPressure', failsToo: true },
  { name: 'model-detectors-none-found', path: `${MODEL}/detectors?q=turbine`, ready: 'PumpPressure' },
  { name: 'model-missing', path: '/console/models/None', ready: 'None' },
  { name: 'draft-missing', path: '/console/drafts/None', ready: 'None' },
  { name: 'draft-simulate-missing', path: '/console/drafts/None/simulate', ready: 'None' },
  { name: 'detector', path: DETECTOR, ready: 'P-103', failsToo: true },
  { name: 'detector-missing', path: `${MODEL}/detector?key=P-999`, ready: 'P-999' },
  { name: 'inputs', path: '/console/inputs', ready: 'Inputs', isEmptyToo: true, failsToo: true },
  { name: 'input-new', path: '/console/inputs/new', ready: 'New input' },
  { name: 'input', path: '/console/inputs/PumpPressure', ready: 'PumpPressure', failsToo: true },
  { name: 'input-missing', path: '/console/inputs/None', ready: 'None' },
  { name: 'alarms', path: '/console/alarms', ready: 'Alarms', isEmptyToo: true, failsToo: true },
  { name: 'alarms-none-found', path: '/console/alarms?q=turbine', ready: 'Alarms' },
  {
    name: 'alarm-models',
    path: '/console/alarm-models',
    ready: 'Alarm models',
    isEmptyToo: true,
    failsToo: true,
  },
  {
    name: 'alarm-model',
    path: '/console/alarm-models/BearingTemperature',
    ready: 'BearingTemperature',
    failsToo: true,
  },
  { name: 'alarm-model-new', path: '/console/alarm-models/new', ready: 'New alarm model' },
  { name: 'alarm-model-missing', path: '/console/alarm-models/None', ready: 'None' },
  { name: 'logging', path: '/console/logging', ready: 'Logging', isEmptyToo: true, failsToo: true },
  { name: 'rules', path: '/console/rules', ready: 'Topic rules', isEmptyToo: true, failsToo: true },
  { name: 'rule', path: '/console/rules/PumpPressure', ready: 'PumpPressure', failsToo: true },
  { name: 'rule-new', path: '/console/rules/new', ready: 'New topic rule' },
  { name: 'rule-missing', path: '/console/rules/None', ready: 'None' },
  { name: 'devices', path: '/console/devices', ready: 'Devices', isEmptyToo: true, failsToo: true },
  { name: 'actions', path: '/console/actions', ready: 'Actions', isEmptyToo: true, failsToo: true },
  { name: 'actions-none-found', path: '/console/actions?model=Turbine', ready: 'Actions' },
  { name: 'screen-missing', path: '/console/nowhere', ready: 'There is no such screen' },
  { name: 'sign-in', path: '/console/models', ready: 'Sign in', trouble: 'locked' },
  {
    name: 'sign-in-refused',
    path: '/console/models',
    ready: 'Sign in',
    trouble: 'locked',
    prepare: async (page) => {
      await signIn(page, { accessKeyId: 'AKIANOBODY', secretAccessKey: 'mistyped' });
      await page.getByRole('alert').waitFor();
    },
  },
  { name: 'server-gone', path: '/console/', ready: 'The server does not answer', trouble: 'gone' },
  {
    name: 'connection-lost',
    path: '/console/models',
    ready: 'Detector models',
    prepare: async (page) => {
      await loseServer(page);
      await page.getByText('What you see may be out of date').waitFor();
    },
  },
  {
    name: 'menu',
    path: '/console/models',
    ready: 'Detector models',
    widths: [360],
    prepare: opens('Open the menu'),
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
  {
    name: 'model-name',
    path: '/console/models/new',
    ready: 'New detector model',
    prepare: opens(/^Threshold with recovery/),
  },
  {
    name: 'model-import',
    path: '/console/models/new',
    ready: 'New detector model',
    prepare: async (page) => {
      const file = { name: 'stack.json', mimeType: 'application/json', buffer: Buffer.from(TEMPLATE) };
      await page.getByLabel(/Choose files/).setInputFiles(file);
      await page.getByRole('region', { name: 'Found in the files' }).waitFor();
    },
  },
  { name: 'model-delete', path: MODEL, ready: 'PumpPressure', prepare: opens('Delete') },
  {
    name: 'state-inspector',
    path: `${MODEL}/edit`,
    ready: 'PumpPressure',
    prepare: async (page) => {
      await button(page, 'List').click();
      await button(page, /^Overpressure/).click();
      await page.getByLabel('State name').waitFor();
      for (const summary of await page.locator('details.event > summary').all()) await summary.click();
    },
  },
  {
    name: 'inspector-with-options',
    path: `${MODEL}/edit`,
    ready: 'PumpPressure',
    prepare: async (page) => {
      await button(page, 'List').click();
      await button(page, /^Pressure too high/).click();
      await page.getByRole('textbox', { name: 'Condition' }).press('End');
      await page.keyboard.type(' && $');
      await page
        .getByRole('option', { name: /^\$variable\./ })
        .first()
        .waitFor();
    },
  },
  {
    name: 'findings',
    path: `${MODEL}/edit`,
    ready: 'PumpPressure',
    prepare: async (page) => {
      await button(page, 'List').click();
      await breakCondition(page);
      await page.getByRole('list', { name: 'Findings' }).getByRole('button').first().waitFor();
    },
  },
  {
    name: 'publish',
    path: `${MODEL}/edit`,
    ready: 'PumpPressure',
    prepare: async (page) => {
      await button(page, 'Add state').click();
      await opens('Publish…')(page);
    },
  },
  {
    name: 'publish-with-errors',
    path: `${MODEL}/edit`,
    ready: 'PumpPressure',
    prepare: async (page) => {
      await button(page, 'List').click();
      await breakCondition(page);
      await opens('Publish…')(page);
      await page.getByText(/the model from being published/).waitFor();
    },
  },
  {
    name: 'json',
    path: `${MODEL}/edit`,
    ready: 'PumpPressure',
    prepare: async (page) => {
      await button(page, 'JSON').click();
      await page.getByRole('textbox', { name: 'Definition' }).waitFor();
    },
  },
  {
    name: 'moment',
    path: `${MODEL}/simulate`,
    ready: 'PumpPressure',
    prepare: async (page) => {
      await page.getByLabel('Input', { exact: true }).selectOption('PumpPressure');
      await page.getByLabel('sensor.pressure').fill('9.5');
      await button(page, 'Send to PumpPressure').click();
      await page.getByText('What would be sent').first().click();
    },
  },
  {
    name: 'companions',
    path: `${MODEL}/simulate`,
    ready: 'PumpPressure',
    prepare: opens('Other models…'),
  },
  {
    name: 'simulate-together',
    path: `${MODEL}/simulate?with=PumpHeartbeat,alarm:BearingTemperature`,
    ready: 'PumpPressure',
    prepare: async (page) => {
      await page.getByLabel('Input', { exact: true }).selectOption('PumpTemperature');
      await page.getByLabel('sensor.temperature').fill('90');
      await button(page, 'Send to PumpTemperature').click();
      await button(page, /^BearingTemperature device-1/).click();
    },
  },
  {
    name: 'simulate-together-fails',
    path: `${MODEL}/simulate?with=None`,
    ready: 'PumpPressure',
  },
  {
    name: 'save-as-test',
    path: `${MODEL}/simulate`,
    ready: 'PumpPressure',
    prepare: async (page) => {
      await button(page, /^Send to/).click();
      await opens('Save as test…')(page);
    },
  },
  {
    name: 'simulate-with-errors',
    path: `${MODEL}/edit`,
    ready: 'PumpPressure',
    prepare: async (page) => {
      await button(page, 'List').click();
      await breakCondition(page);
      await page.getByText('Changes that are not published.').waitFor();
      await page.getByRole('link', { name: 'Simulate' }).click();
      await page.getByText('It cannot be simulated yet').waitFor();
    },
  },
  { name: 'send-message', path: DETECTOR, ready: 'P-103', prepare: opens('Send message') },
  { name: 'set-state', path: DETECTOR, ready: 'P-103', prepare: opens('Set state') },
  { name: 'detector-delete', path: DETECTOR, ready: 'P-103', prepare: opens('Delete') },
  { name: 'api-call', path: DETECTOR, ready: 'P-103', prepare: opens('API call') },
  {
    name: 'input-new-with-problem',
    path: '/console/inputs/new',
    ready: 'New input',
    prepare: async (page) => {
      await page.getByLabel('Message (JSON)').fill('{"pumpId": ');
      await page.locator('#sample-problem').filter({ hasText: /\w/ }).waitFor();
    },
  },
  { name: 'alarm-acknowledge', path: '/console/alarms', ready: 'Alarms', prepare: opens('Acknowledge') },
  {
    name: 'alarm-snooze',
    path: '/console/alarms',
    ready: 'Alarms',
    prepare: async (page) => {
      await opens('Snooze')(page);
      await page.getByLabel('For', { exact: true }).selectOption('Another length');
      await page.getByLabel('Length').fill('soon');
    },
  },
  { name: 'alarm-shortcuts', path: '/console/alarms', ready: 'Alarms', prepare: opens('Shortcuts') },
  {
    name: 'alarm-model-with-problems',
    path: '/console/alarm-models/new',
    ready: 'New alarm model',
    prepare: async (page) => {
      await page.getByLabel('Attribute').fill('$input.PumpPressure.sensor.pressure + 1');
      await page.getByLabel('Threshold').fill('8');
      await page.getByText('must refer to one attribute').waitFor();
    },
  },
  {
    name: 'logging-debug',
    path: '/console/logging',
    ready: 'Logging',
    prepare: async (page) => {
      await page.getByRole('radio', { name: /^DEBUG/ }).check();
      await button(page, 'Add detectors').click();
      await page.getByLabel('Key value of').waitFor();
      await button(page, 'Save').click();
      await page.getByText('The logging options are saved').waitFor();
    },
  },
  {
    name: 'rule-tried',
    path: '/console/rules/PumpPressure',
    ready: 'PumpPressure',
    prepare: async (page) => {
      await button(page, 'Run').click();
      await page.getByRole('status', { name: 'Result' }).waitFor();
    },
  },
  {
    name: 'rule-with-problem',
    path: '/console/rules/new',
    ready: 'New topic rule',
    prepare: async (page) => {
      await page.getByLabel('Actions (JSON)').fill('{');
      await page.getByLabel('Statement (SQL)').fill('SELEC *');
      await button(page, 'Run').click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'topics',
    path: '/console/devices',
    ready: 'Devices',
    prepare: async (page) => {
      await page.getByText('Live', { exact: true }).waitFor();
      await page.request.post(`${new URL(page.url()).origin}/topics/pumps/pump-101/pressure`, {
        data: { pressure: 5.2 },
      });
      await page.getByRole('list', { name: 'Published messages' }).waitFor();
    },
  },
  {
    name: 'action',
    path: '/console/actions',
    ready: 'Actions',
    prepare: async (page) => {
      await page.getByRole('row').nth(1).getByRole('button').first().click();
      await page.getByRole('dialog').getByText('Attempts').waitFor();
    },
  },
  {
    name: 'actions-discard',
    path: '/console/actions?status=FAILED',
    ready: 'Actions',
    prepare: opens('Discard all'),
  },
];

/** Leaves a draft in the browser. */
async function breakCondition(page: Page): Promise<void> {
  await button(page, /^Pressure too high/).click();
  await page.getByRole('textbox', { name: 'Condition' }).fill('$input.PumpPressure.sensor.pressure >');
}
