/** Every screen by its address, on a server that `fillPlant` has filled. */
export interface Screen {
  readonly name: string;
  readonly path: string;
  /** The screen's heading. */
  readonly ready: string;
  /** Whether it also shows something on a server without anything. */
  readonly isEmptyToo?: boolean;
}

export const SCREENS: readonly Screen[] = [
  { name: 'overview', path: '/console/', ready: 'Overview', isEmptyToo: true },
  { name: 'models', path: '/console/models', ready: 'Detector models', isEmptyToo: true },
  { name: 'model-live', path: '/console/models/PumpPressure', ready: 'PumpPressure' },
  { name: 'model-new', path: '/console/models/new', ready: 'New detector model' },
  { name: 'model-edit', path: '/console/models/PumpPressure/edit', ready: 'PumpPressure' },
  { name: 'model-simulate', path: '/console/models/PumpPressure/simulate', ready: 'PumpPressure' },
  { name: 'model-definition', path: '/console/models/PumpPressure/definition', ready: 'PumpPressure' },
  { name: 'model-detectors', path: '/console/models/PumpPressure/detectors', ready: 'PumpPressure' },
  { name: 'model-missing', path: '/console/models/None', ready: 'None' },
  { name: 'detector', path: '/console/models/PumpPressure/detector?key=P-103', ready: 'P-103' },
  { name: 'inputs', path: '/console/inputs', ready: 'Inputs', isEmptyToo: true },
  { name: 'input-new', path: '/console/inputs/new', ready: 'New input' },
  { name: 'input', path: '/console/inputs/PumpPressure', ready: 'PumpPressure' },
  { name: 'alarms', path: '/console/alarms', ready: 'Alarms', isEmptyToo: true },
  { name: 'rule-new', path: '/console/rules/new', ready: 'New topic rule' },
  { name: 'devices', path: '/console/devices', ready: 'Devices', isEmptyToo: true },
  { name: 'actions', path: '/console/actions', ready: 'Actions', isEmptyToo: true },
];
