import {
  CreateDetectorModelCommand,
  CreateInputCommand,
  DeleteDetectorModelCommand,
  DeleteInputCommand,
  DescribeDetectorModelCommand,
  DescribeInputCommand,
  type DetectorModelDefinition,
  InvalidRequestException,
  IoTEventsClient,
  LimitExceededException,
  ListDetectorModelsCommand,
  ListDetectorModelVersionsCommand,
  ListInputsCommand,
  ResourceAlreadyExistsException,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateDetectorModelCommand,
  UpdateInputCommand,
} from '@aws-sdk/client-iot-events';
import {
  BatchDeleteDetectorCommand,
  BatchPutMessageCommand,
  BatchUpdateDetectorCommand,
  InvalidRequestException as DataInvalidRequestException,
  ResourceNotFoundException as DataResourceNotFoundException,
  DescribeDetectorCommand,
  IoTEventsDataClient,
  ListDetectorsCommand,
} from '@aws-sdk/client-iot-events-data';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';

/** The unmodified clients of the AWS SDK, as users' programs hold them. */
let server: TestServer;
let control: IoTEventsClient;
let data: IoTEventsDataClient;

beforeAll(async () => {
  server = await startTestServer({ inputs: 12, detectorModels: 8 });
  const config = {
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  };
  control = new IoTEventsClient(config);
  data = new IoTEventsDataClient(config);
});

afterAll(async () => {
  control.destroy();
  data.destroy();
  await server.dispose();
});

const roleArn = 'arn:aws:iam::000000000000:role/Tripline';
const definition = (threshold: number): DetectorModelDefinition => ({
  initialStateName: 'Normal',
  states: [
    {
      stateName: 'Normal',
      onInput: {
        transitionEvents: [
          {
            eventName: 'high',
            condition: `$input.Temperature.sensor.celsius > ${threshold}`,
            nextState: 'High',
            actions: [
              { setVariable: { variableName: 'seen', value: '$input.Temperature.sensor.celsius' } },
              { setVariable: { variableName: 'label', value: "'hot'" } },
              { setTimer: { timerName: 'cool', seconds: 600 } },
            ],
          },
        ],
      },
    },
    { stateName: 'High' },
  ],
});

let message = 0;
function put(...payloads: string[]) {
  return data.send(
    new BatchPutMessageCommand({
      messages: payloads.map((payload) => ({
        messageId: `m${++message}`,
        inputName: 'Temperature',
        payload: Buffer.from(payload),
      })),
    }),
  );
}

describe('the walk', () => {
  test('inputs: create, describe, update, list', async () => {
    const before = Date.now();
    const { inputConfiguration: created } = await control.send(
      new CreateInputCommand({
        inputName: 'Temperature',
        inputDescription: 'first',
        inputDefinition: { attributes: [{ jsonPath: 'id' }, { jsonPath: 'sensor.celsius' }] },
        tags: [{ key: 'plant', value: 'north' }],
      }),
    );
    expect(created).toMatchObject({
      inputName: 'Temperature',
      inputArn: 'arn:aws:iotevents:us-east-1:000000000000:input/Temperature',
      status: 'ACTIVE',
    });
    expect(created?.creationTime?.getTime()).toBeGreaterThanOrEqual(before);
    const inputDefinition = { attributes: [{ jsonPath: 'id' }, { jsonPath: '`other id`.x-y' }] };
    await control.send(new UpdateInputCommand({ inputName: 'Temperature', inputDefinition }));
    const { input } = await control.send(new DescribeInputCommand({ inputName: 'Temperature' }));
    expect(input?.inputDefinition).toEqual(inputDefinition);
    expect(input?.inputConfiguration?.inputDescription).toBeUndefined();
    expect(input?.inputConfiguration?.creationTime).toEqual(created?.creationTime);
  });

  test('inputs: list in pages that survive what comes and goes', async () => {
    const names = Array.from({ length: 7 }, (_, n) => `Page${n}`);
    for (const inputName of names) {
      await control.send(
        new CreateInputCommand({ inputName, inputDefinition: { attributes: [{ jsonPath: 'a' }] } }),
      );
    }
    const first = await control.send(new ListInputsCommand({ maxResults: 3 }));
    expect(first.inputSummaries?.map(({ inputName }) => inputName)).toEqual(['Page0', 'Page1', 'Page2']);
    await control.send(new DeleteInputCommand({ inputName: 'Page2' }));
    const second = await control.send(new ListInputsCommand({ maxResults: 3, nextToken: first.nextToken }));
    expect(second.inputSummaries?.map(({ inputName }) => inputName)).toEqual(['Page3', 'Page4', 'Page5']);
    const third = await control.send(new ListInputsCommand({ maxResults: 3, nextToken: second.nextToken }));
    expect(third.inputSummaries?.map(({ inputName }) => inputName)).toEqual(['Page6', 'Temperature']);
    expect(third.nextToken).toBeUndefined();
  });

  test('detector models: create, describe, list', async () => {
    const { detectorModelConfiguration: created } = await control.send(
      new CreateDetectorModelCommand({
        detectorModelName: 'Heat',
        detectorModelDescription: 'watches',
        detectorModelDefinition: definition(30),
        key: 'id',
        roleArn,
        evaluationMethod: 'SERIAL',
      }),
    );
    expect(created).toMatchObject({
      detectorModelName: 'Heat',
      detectorModelVersion: '1',
      detectorModelArn: 'arn:aws:iotevents:us-east-1:000000000000:detectorModel/Heat',
      status: 'ACTIVATING',
      key: 'id',
      evaluationMethod: 'SERIAL',
    });
    expect(created?.creationTime).toEqual(created?.lastUpdateTime);
    const { detectorModel } = await control.send(
      new DescribeDetectorModelCommand({ detectorModelName: 'Heat' }),
    );
    expect(detectorModel?.detectorModelConfiguration?.status).toBe('ACTIVE');
    const [normal, high] = detectorModel?.detectorModelDefinition?.states ?? [];
    expect(normal).toEqual({
      ...definition(30).states?.[0],
      onEnter: { events: [] },
      onInput: { events: [], transitionEvents: definition(30).states?.[0]?.onInput?.transitionEvents },
      onExit: { events: [] },
    });
    expect(high?.onInput).toEqual({ events: [], transitionEvents: [] });
    const { detectorModelSummaries } = await control.send(new ListDetectorModelsCommand({}));
    expect(detectorModelSummaries).toMatchObject([
      { detectorModelName: 'Heat', detectorModelDescription: 'watches' },
    ]);
  });

  test('messages and detectors: put, describe, list, update, delete', async () => {
    const answer = await put('{"id":"a","sensor":{"celsius":31.5}}', '{"id":"b","sensor":{"celsius":20}}');
    expect(answer.BatchPutMessageErrorEntries).toEqual([]);
    const described = await data.send(
      new DescribeDetectorCommand({ detectorModelName: 'Heat', keyValue: 'a' }),
    );
    expect(described.detector).toMatchObject({
      detectorModelName: 'Heat',
      keyValue: 'a',
      detectorModelVersion: '1',
      state: {
        stateName: 'High',
        variables: [
          { name: 'seen', value: '31.5' },
          { name: 'label', value: '"hot"' },
        ],
        timers: [{ name: 'cool' }],
      },
    });
    const timer = described.detector?.state?.timers?.[0]?.timestamp?.getTime() ?? 0;
    expect(timer % 1000).toBe(0);
    expect(timer).toBeGreaterThan(Date.now() + 590_000);

    const high = await data.send(new ListDetectorsCommand({ detectorModelName: 'Heat', stateName: 'High' }));
    expect(high.detectorSummaries?.map(({ keyValue }) => keyValue)).toEqual(['a']);

    const updated = await data.send(
      new BatchUpdateDetectorCommand({
        detectors: [
          {
            messageId: 'u1',
            detectorModelName: 'Heat',
            keyValue: 'a',
            state: {
              stateName: 'Normal',
              variables: [{ name: 'label', value: '"set"' }],
              timers: [{ name: 'manual', seconds: 120 }],
            },
          },
          {
            messageId: 'u2',
            detectorModelName: 'Heat',
            keyValue: 'nobody',
            state: { stateName: 'Normal', variables: [], timers: [] },
          },
          {
            messageId: 'u3',
            detectorModelName: 'Heat',
            keyValue: 'b',
            state: { stateName: 'Nowhere', variables: [], timers: [] },
          },
        ],
      }),
    );
    expect(updated.batchUpdateDetectorErrorEntries).toMatchObject([
      { messageId: 'u2', errorCode: 'ResourceNotFoundException' },
      { messageId: 'u3', errorCode: 'InvalidRequestException' },
    ]);
    const after = await data.send(new DescribeDetectorCommand({ detectorModelName: 'Heat', keyValue: 'a' }));
    expect(after.detector?.state).toMatchObject({
      stateName: 'Normal',
      variables: [{ name: 'label', value: '"set"' }],
      timers: [{ name: 'manual' }],
    });

    const deleted = await data.send(
      new BatchDeleteDetectorCommand({
        detectors: [
          { messageId: 'd1', detectorModelName: 'Heat', keyValue: 'a' },
          { messageId: 'd2', detectorModelName: 'Heat', keyValue: 'a' },
        ],
      }),
    );
    expect(deleted.batchDeleteDetectorErrorEntries).toMatchObject([
      { messageId: 'd2', errorCode: 'ResourceNotFoundException' },
    ]);
  });

  test('detectors: list in pages', async () => {
    for (let first = 0; first < 40; first += 10) {
      await put(...Array.from({ length: 10 }, (_, n) => `{"id":"p${first + n}","sensor":{"celsius":1}}`));
    }
    const seen: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const page = await data.send(
        new ListDetectorsCommand({ detectorModelName: 'Heat', maxResults: 7, nextToken }),
      );
      expect(page.detectorSummaries?.length).toBeLessThanOrEqual(7);
      seen.push(...(page.detectorSummaries ?? []).map(({ keyValue }) => keyValue));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    const expected = ['b', ...Array.from({ length: 40 }, (_, n) => `p${n}`)];
    expect([...seen].sort()).toEqual(expected.sort());
  });

  test('detector models: an update is a new version and starts all detectors anew', async () => {
    const { detectorModelConfiguration: updated } = await control.send(
      new UpdateDetectorModelCommand({
        detectorModelName: 'Heat',
        detectorModelDefinition: definition(40),
        roleArn,
      }),
    );
    expect(updated).toMatchObject({
      detectorModelVersion: '2',
      status: 'ACTIVATING',
      evaluationMethod: 'BATCH',
    });
    const { detectorSummaries } = await data.send(new ListDetectorsCommand({ detectorModelName: 'Heat' }));
    expect(detectorSummaries).toEqual([]);
    const { detectorModelVersionSummaries: versions } = await control.send(
      new ListDetectorModelVersionsCommand({ detectorModelName: 'Heat' }),
    );
    expect(versions?.map(({ detectorModelVersion, status }) => [detectorModelVersion, status])).toEqual([
      ['2', 'ACTIVE'],
      ['1', 'INACTIVE'],
    ]);
    const first = await control.send(
      new DescribeDetectorModelCommand({ detectorModelName: 'Heat', detectorModelVersion: '1' }),
    );
    expect(JSON.stringify(first.detectorModel?.detectorModelDefinition)).toContain('> 30');
  });

  test('deleting: an input in use stays, a model takes its detectors along', async () => {
    await put('{"id":"last","sensor":{"celsius":1}}');
    await expect(control.send(new DeleteInputCommand({ inputName: 'Temperature' }))).rejects.toThrow(
      ResourceInUseException,
    );
    await control.send(new DeleteDetectorModelCommand({ detectorModelName: 'Heat' }));
    await expect(
      data.send(new DescribeDetectorCommand({ detectorModelName: 'Heat', keyValue: 'last' })),
    ).rejects.toThrow(DataResourceNotFoundException);
    await control.send(new DeleteInputCommand({ inputName: 'Temperature' }));
    await expect(control.send(new DescribeInputCommand({ inputName: 'Temperature' }))).rejects.toThrow(
      'Input of name: Temperature not found',
    );
  });
});

describe('errors arrive as the classes of the client', () => {
  const attributes = [{ jsonPath: 'a' }];

  test('ResourceAlreadyExistsException with its members', async () => {
    const error = await control
      .send(new CreateInputCommand({ inputName: 'Page0', inputDefinition: { attributes } }))
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ResourceAlreadyExistsException);
    expect(error).toMatchObject({
      resourceId: 'Page0',
      resourceArn: 'arn:aws:iotevents:us-east-1:000000000000:input/Page0',
    });
  });

  test('LimitExceededException', async () => {
    const creating = async () => {
      for (let n = 0; n < 20; n++) {
        await control.send(
          new CreateInputCommand({ inputName: `More${n}`, inputDefinition: { attributes } }),
        );
      }
    };
    await expect(creating()).rejects.toThrow(LimitExceededException);
  });

  test('ResourceNotFoundException', async () => {
    await expect(control.send(new DescribeInputCommand({ inputName: 'None' }))).rejects.toThrow(
      ResourceNotFoundException,
    );
    await expect(
      control.send(new DescribeDetectorModelCommand({ detectorModelName: 'None' })),
    ).rejects.toThrow(ResourceNotFoundException);
  });

  test('InvalidRequestException, of either plane', async () => {
    await expect(
      control.send(new CreateInputCommand({ inputName: '1 bad', inputDefinition: { attributes } })),
    ).rejects.toThrow(InvalidRequestException);
    const empty = data.send(new BatchPutMessageCommand({ messages: [] }));
    await expect(empty).rejects.toThrow(DataInvalidRequestException);
  });

  test('a model that does not parse is refused with where and why', async () => {
    const broken = definition(30);
    const [event] = broken.states?.[0]?.onInput?.transitionEvents ?? [];
    if (event) event.condition = '$input.Page0.sensor.celsius >> 3';
    const error = await control
      .send(
        new CreateDetectorModelCommand({
          detectorModelName: 'Broken',
          detectorModelDefinition: broken,
          roleArn,
        }),
      )
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidRequestException);
    expect((error as Error).message).toContain('states[0].onInput.transitionEvents[0]');
    expect((error as Error).message).toContain('$input.Page0.sensor.celsius >> 3\n');
    expect((error as Error).message).toContain('^');
    const { detectorModelSummaries } = await control.send(new ListDetectorModelsCommand({}));
    expect(detectorModelSummaries).toEqual([]);
  });
});
