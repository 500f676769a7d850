import { beforeEach, describe, expect, test } from 'vitest';
import { countingModel, startService } from '../../../test/support/service.ts';

type Started = Awaited<ReturnType<typeof startService>>;
let call: Started['call'];
let started: Started;

const INPUT = 'arn:aws:iotevents:us-east-1:000000000000:input/I';
const MODEL = 'arn:aws:iotevents:us-east-1:000000000000:detectorModel/M';
const inputDefinition = { attributes: [{ jsonPath: 'id' }] };
const tag = (key: string, value: string) => ({ key, value });

beforeEach(async () => {
  started = await startService();
  call = started.call;
  await call.CreateInput({ inputName: 'I', inputDefinition, tags: [tag('plant', 'north')] });
  await call.CreateDetectorModel({ ...countingModel('M', 'I'), tags: [tag('plant', 'south')] });
});

const tagsOf = async (resourceArn: string) => (await call.ListTagsForResource({ resourceArn })).tags;

describe.each([
  ['an input', INPUT, 'north'],
  ['a detector model', MODEL, 'south'],
])('the tags of %s', (_what, resourceArn, plant) => {
  test('are those it was created with', async () => {
    expect(await tagsOf(resourceArn)).toEqual([tag('plant', plant)]);
  });

  test('are added, overwritten by key and removed', async () => {
    await call.TagResource({ resourceArn, tags: [tag('Plant', ''), tag('plant', 'x'), tag('line', '1')] });
    expect(await tagsOf(resourceArn)).toEqual([tag('plant', 'x'), tag('Plant', ''), tag('line', '1')]);
    await call.UntagResource({ resourceArn, tagKeys: ['plant', 'line', 'never there'] });
    expect(await tagsOf(resourceArn)).toEqual([tag('Plant', '')]);
  });

  test('are limited to fifty, and exceeding the limit changes nothing', async () => {
    const more = Array.from({ length: 49 }, (_, n) => tag(`k${n}`, 'v'));
    await call.TagResource({ resourceArn, tags: more });
    await call.TagResource({ resourceArn, tags: [tag('k3', 'again')] });
    expect(await tagsOf(resourceArn)).toHaveLength(50);
    await expect(
      call.TagResource({ resourceArn, tags: [tag('k4', 'lost'), tag('k49', 'v')] }),
    ).rejects.toMatchObject({
      code: 'LimitExceededException',
      message: 'Number of tags of the resource 51 exceeds the limit 50',
    });
    expect(await tagsOf(resourceArn)).toContainEqual(tag('k4', 'v'));
  });

  test.each(['aws:', 'aws:owner', 'AWS:owner'])('never have the reserved key %s', async (key) => {
    await expect(call.TagResource({ resourceArn, tags: [tag(key, 'v')] })).rejects.toMatchObject({
      code: 'InvalidRequestException',
    });
  });

  test('survive an update and a restart', async () => {
    await call.TagResource({ resourceArn, tags: [tag('line', '1')] });
    await call.UpdateInput({ inputName: 'I', inputDefinition });
    await call.UpdateDetectorModel(countingModel('M', 'I'));
    await started.pump.close();
    call = (await startService({}, started.image)).call;
    expect(await tagsOf(resourceArn)).toEqual([tag('plant', plant), tag('line', '1')]);
  });
});

test('tags are deleted with their resource', async () => {
  await call.DeleteDetectorModel({ detectorModelName: 'M' });
  await call.DeleteInput({ inputName: 'I' });
  await call.CreateInput({ inputName: 'I', inputDefinition });
  await call.CreateDetectorModel(countingModel('M', 'I'));
  expect([await tagsOf(INPUT), await tagsOf(MODEL)]).toEqual([[], []]);
});

test('a resource is not created with too many tags or a reserved one', async () => {
  const many = Array.from({ length: 51 }, (_, n) => tag(`k${n}`, 'v'));
  for (const [tags, code] of [
    [many, 'LimitExceededException'],
    [[tag('aws:x', 'v')], 'InvalidRequestException'],
  ] as const) {
    await expect(call.CreateInput({ inputName: 'J', inputDefinition, tags })).rejects.toMatchObject({ code });
    await expect(call.CreateDetectorModel({ ...countingModel('N', 'I'), tags })).rejects.toMatchObject({
      code,
    });
  }
  expect((await call.ListInputs({})).inputSummaries).toHaveLength(1);
});

test.each([
  ['', 'InvalidRequestException'],
  ['I', 'InvalidRequestException'],
  ['arn:aws:iotevents:us-east-1:000000000000:input/', 'InvalidRequestException'],
  ['arn:aws:iotevents:us-east-1:000000000000:detector/I', 'InvalidRequestException'],
  ['arn:aws:iotsitewise:us-east-1:000000000000:input/I', 'InvalidRequestException'],
  [`x${INPUT}`, 'InvalidRequestException'],
  ['arn:aws:iotevents:us-east-1:000000000000:input/J', 'ResourceNotFoundException'],
  ['arn:aws:iotevents:us-east-1:000000000000:input/M', 'ResourceNotFoundException'],
  ['arn:aws:iotevents:us-east-1:000000000000:detectorModel/I', 'ResourceNotFoundException'],
  ['arn:aws:iotevents:us-east-1:000000000000:alarmModel/M', 'ResourceNotFoundException'],
  ['arn:aws:iotevents:eu-west-1:000000000000:input/I', 'ResourceNotFoundException'],
  ['arn:aws:iotevents:us-east-1:111122223333:input/I', 'ResourceNotFoundException'],
])('no tags of %s: %s', async (resourceArn, code) => {
  const expected = { code, message: expect.stringContaining(resourceArn) };
  await expect(call.ListTagsForResource({ resourceArn })).rejects.toMatchObject(expected);
  await expect(call.TagResource({ resourceArn, tags: [] })).rejects.toMatchObject(expected);
  await expect(call.UntagResource({ resourceArn, tagKeys: [] })).rejects.toMatchObject(expected);
});

test('the ARN of another partition is accepted', async () => {
  const resourceArn = INPUT.replace('arn:aws:', 'arn:aws-us-gov:');
  expect(await tagsOf(resourceArn)).toEqual([tag('plant', 'north')]);
});
