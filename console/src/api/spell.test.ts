import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { spell } from './spell.ts';

const input = { detectorModelName: 'M', keyValue: "it's" };
const endpoint = 'http://127.0.0.1:9470';

test('a call is spelled for the command line of AWS', () => {
  expect(spell('DescribeDetector', input, endpoint).cli).toBe(
    [
      'aws iotevents-data describe-detector',
      '--endpoint-url http://127.0.0.1:9470',
      '--detector-model-name M',
      "--key-value 'it'\\''s'",
    ].join(' \\\n  '),
  );
});

test('a shell gives the arguments as they were meant', () => {
  const { curl } = spell('DescribeDetector', input, endpoint);
  const script = curl.replace(/^curl/, 'printf "%s\\n"');
  expect(execFileSync('sh', ['-c', script]).toString().split('\n').slice(0, 3)).toEqual([
    '-X',
    'GET',
    'http://127.0.0.1:9470/detectors/M/keyValues/?keyValue=it%27s',
  ]);
});

test('the SDK gets the bytes of a payload', () => {
  const messages = [{ messageId: 'm', inputName: 'I', payload: 'e30=' }];
  const { sdk } = spell('BatchPutMessage', { messages }, endpoint);
  expect(sdk).toContain(
    "import { IoTEventsDataClient, BatchPutMessageCommand } from '@aws-sdk/client-iot-events-data'",
  );
  expect(sdk).toContain('"payload": Buffer.from("e30=", "base64")');
});
