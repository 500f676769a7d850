import { beforeEach, expect, test } from 'vitest';
import { countingModel, startService } from '../../../test/support/service.ts';

let call: Awaited<ReturnType<typeof startService>>['call'];

const arn = (name: string) => `arn:aws:iotevents:us-east-1:000000000000:detectorModel/${name}`;
const routings = (inputName: string, page: { maxResults?: number; nextToken?: string } = {}) =>
  call.ListInputRoutings({ inputIdentifier: { iotEventsInputIdentifier: { inputName } }, ...page });

beforeEach(async () => {
  call = (await startService()).call;
  for (const inputName of ['I', 'J', 'Unused']) {
    await call.CreateInput({ inputName, inputDefinition: { attributes: [{ jsonPath: 'id' }] } });
  }
  for (const name of ['C', 'A', 'B']) await call.CreateDetectorModel(countingModel(name, 'I'));
  await call.CreateDetectorModel(countingModel('Other', 'J'));
});

test('the models of an input, by name', async () => {
  expect(await routings('I')).toEqual({
    routedResources: ['A', 'B', 'C'].map((name) => ({ name, arn: arn(name) })),
  });
  expect(await routings('Unused')).toEqual({ routedResources: [] });
});

test('in pages', async () => {
  const first = await routings('I', { maxResults: 2 });
  expect(first.routedResources?.map(({ name }) => name)).toEqual(['A', 'B']);
  const second = await routings('I', { maxResults: 2, nextToken: first.nextToken ?? '' });
  expect(second).toEqual({ routedResources: [{ name: 'C', arn: arn('C') }] });
});

test('follow the active version of a model', async () => {
  const { key: _, ...toOther } = countingModel('B', 'J');
  await call.UpdateDetectorModel(toOther);
  expect((await routings('I')).routedResources?.map(({ name }) => name)).toEqual(['A', 'C']);
  expect((await routings('J')).routedResources?.map(({ name }) => name)).toEqual(['B', 'Other']);
});

test('a SiteWise property feeds no detector model', async () => {
  const iotSiteWiseInputIdentifier = {
    iotSiteWiseAssetModelPropertyIdentifier: { assetModelId: 'a', propertyId: 'p' },
  };
  expect(await call.ListInputRoutings({ inputIdentifier: { iotSiteWiseInputIdentifier } })).toEqual({
    routedResources: [],
  });
});

test('an unknown input, and no input at all', async () => {
  await expect(routings('None')).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
    message: 'Input of name: None not found',
  });
  const both = { iotEventsInputIdentifier: { inputName: 'I' }, iotSiteWiseInputIdentifier: {} };
  for (const inputIdentifier of [{}, both]) {
    await expect(call.ListInputRoutings({ inputIdentifier })).rejects.toMatchObject({
      code: 'InvalidRequestException',
    });
  }
});
