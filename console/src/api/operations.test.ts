import { expect, test } from 'vitest';
import { writeRequest } from '../../../src/client/request.ts';
import { OPERATIONS } from '../../../src/wire/service/table.ts';
import { CALLED, type Called, requestOf } from './operations.ts';

test.each(Object.entries(CALLED))('%s is where the service has it', (name, { method, path, plane }) => {
  const operation = OPERATIONS.find((each) => each.name === name);
  expect(operation).toMatchObject({ method, path });
  expect(operation?.signingName).toBe(plane === 'iotevents' ? 'iotevents' : 'ioteventsdata');
});

test.each<[Called, Record<string, unknown>]>([
  ['ListInputs', {}],
  ['DescribeDetector', { detectorModelName: 'M', keyValue: "it's (a) key/value*" }],
  ['DescribeDetectorModel', { detectorModelName: 'M', detectorModelVersion: '3' }],
  ['ListDetectors', { detectorModelName: 'M', stateName: 'Über hitzt', maxResults: 250 }],
  ['UpdateInput', { inputName: 'I', inputDefinition: { attributes: [{ jsonPath: 'a.b' }] } }],
  ['BatchUpdateDetector', { detectors: [] }],
])('%s is sent as our own client sends it', (name, input) => {
  const operation = OPERATIONS.find((each) => each.name === name);
  if (operation === undefined) throw new Error(name);
  expect(requestOf(name, input as never)).toEqual(writeRequest(operation, input));
});
