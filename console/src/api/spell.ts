import { CALLED, type Called, encode, type Input, requestOf } from './operations.ts';

/** The same call for other hands: the AWS CLI, the AWS SDK for JavaScript and curl. */
export interface Spelled {
  readonly cli: string;
  readonly sdk: string;
  readonly curl: string;
}

export function spell<O extends Called>(operation: O, input: Input<O>, endpoint: string): Spelled {
  return {
    cli: cliOf(operation, input, endpoint),
    sdk: sdkOf(operation, input, endpoint),
    curl: curlOf(operation, input, endpoint),
  };
}

function cliOf<O extends Called>(operation: O, input: Input<O>, endpoint: string): string {
  const { plane } = CALLED[operation];
  const lines = [`aws ${plane} ${dashed(operation)}`, `--endpoint-url ${endpoint}`];
  for (const [name, value] of entries(input as object)) {
    lines.push(`--${dashed(name)} ${quote(typeof value === 'string' ? value : JSON.stringify(value))}`);
  }
  return lines.join(' \\\n  ');
}

function sdkOf<O extends Called>(operation: O, input: Input<O>, endpoint: string): string {
  const isData = CALLED[operation].plane === 'iotevents-data';
  const client = isData ? 'IoTEventsDataClient' : 'IoTEventsClient';
  const from = isData ? '@aws-sdk/client-iot-events-data' : '@aws-sdk/client-iot-events';
  // The SDK takes bytes, and writes the base64 itself.
  const text = JSON.stringify(Object.fromEntries(entries(input as object)), undefined, 2).replace(
    /"payload": ("[A-Za-z0-9+/=]*")/g,
    '"payload": Buffer.from($1, "base64")',
  );
  return [
    `import { ${client}, ${operation}Command } from '${from}';`,
    '',
    `const client = new ${client}({ endpoint: '${endpoint}' });`,
    `await client.send(new ${operation}Command(${text}));`,
  ].join('\n');
}

function curlOf<O extends Called>(operation: O, input: Input<O>, endpoint: string): string {
  const { method, path, query, body } = requestOf(operation, input);
  const search = query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  const url = `${endpoint.replace(/\/$/, '')}${path}${search === '' ? '' : `?${search}`}`;
  const lines = [`curl -X ${method} ${quote(url)}`];
  if (body !== undefined) lines.push("-H 'content-type: application/json'", `-d ${quote(body)}`);
  return lines.join(' \\\n  ');
}

function entries(input: object): [string, unknown][] {
  return Object.entries(input).filter(([, value]) => value !== undefined);
}

/** `detectorModelName` becomes `detector-model-name`. */
function dashed(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}

/** For a POSIX shell. */
function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
