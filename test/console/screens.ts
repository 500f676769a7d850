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
  { name: 'rule-new', path: '/console/rules/new', ready: 'New topic rule' },
  { name: 'devices', path: '/console/devices', ready: 'Devices', isEmptyToo: true, failsToo: true },
  { name: 'actions', path: '/console/actions', ready: 'Actions', isEmptyToo: true, failsToo: true },
];
