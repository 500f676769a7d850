import type { ActionEffect } from '../detector/effect.ts';
import { renderText, type Value } from '../expression/value.ts';
import { type Build, built, isNumberText, refused, textOf } from './request.ts';

const QUALITIES = ['GOOD', 'BAD', 'UNCERTAIN'];
const INT32 = 2 ** 31;
/** The double closest to the service's own limit, 31556889864403199. */
const LATEST_SECONDS = 31_556_889_864_403_200;
const MOST_NANOS = 999_999_999;

type Parameters = ActionEffect['parameters'];

/** iotSiteWise: one value of one asset property (reference: actions 5). */
export const iotSiteWise: Build = ({ parameters, actionExecutionId, eventTime }) => {
  const identification = identify(parameters);
  if (typeof identification === 'string') return refused(identification);
  const value = propertyValue(parameters);
  if (typeof value === 'string') return refused(value);
  const timestamp = timestampOf(parameters, eventTime);
  if (typeof timestamp === 'string') return refused(timestamp);
  const quality = parameters['propertyValue.quality'];
  if (quality !== undefined && !QUALITIES.includes(renderText(quality)))
    return refused(fault('quality', quality, `one of ${QUALITIES.join(', ')}`));
  const entry = {
    entryId: renderText(parameters.entryId ?? actionExecutionId),
    ...identification,
    propertyValues: [{ value, timestamp, ...(quality !== undefined && { quality }) }],
  };
  return built('iotsitewise', 'BatchPutAssetPropertyValue', { entries: [entry] });
};

/** Returns the alias, or asset and property together; or what is wrong. */
function identify(parameters: Parameters): Readonly<Record<string, Value>> | string {
  const { propertyAlias, assetId, propertyId } = parameters;
  const given = Object.entries({ propertyAlias, assetId, propertyId }).filter(
    (member): member is [string, Value] => member[1] !== undefined,
  );
  for (const [name, value] of given) {
    if (textOf(value) === undefined) return fault(name, value, 'a text');
  }
  const names = given.map(([name]) => name).join();
  if (names === 'propertyAlias' || names === 'assetId,propertyId') return Object.fromEntries(given);
  return 'The iotSiteWise action needs either a propertyAlias, or both an assetId and a propertyId';
}

interface Conversion {
  readonly to: string;
  readonly convert: (value: Value) => string | number | boolean | undefined;
}

const CONVERSIONS: Readonly<Record<string, Conversion>> = {
  stringValue: { to: 'a text', convert: renderText },
  integerValue: { to: 'a whole number of 32 bits', convert: (value) => integerOf(value, -INT32, INT32 - 1) },
  doubleValue: { to: 'a number', convert: numberOf },
  booleanValue: {
    to: 'TRUE or FALSE',
    convert: (value) => {
      const text = renderText(value).toUpperCase();
      return text === 'TRUE' || (text === 'FALSE' ? false : undefined);
    },
  },
};

/** Converts the given value to the type of its member; or returns what is wrong. */
function propertyValue(parameters: Parameters): Readonly<Record<string, unknown>> | string {
  const results: { name: string; converted: unknown }[] = [];
  for (const [name, { to, convert }] of Object.entries(CONVERSIONS)) {
    const value = parameters[`propertyValue.value.${name}`];
    if (value === undefined) continue;
    const converted = convert(value);
    if (converted === undefined) return fault(name, value, to);
    results.push({ name, converted });
  }
  const [only] = results;
  if (only === undefined || results.length > 1)
    return `The iotSiteWise action needs exactly one value, but has ${results.length}`;
  return { [only.name]: only.converted };
}

/** Returns the given time, by default the event's. */
function timestampOf(parameters: Parameters, eventTime: number): Readonly<Record<string, number>> | string {
  const seconds = parameters['propertyValue.timestamp.timeInSeconds'];
  const nanos = parameters['propertyValue.timestamp.offsetInNanos'];
  if (seconds === undefined) {
    if (nanos !== undefined) return 'The iotSiteWise action has an offsetInNanos but no timeInSeconds';
    const timeInSeconds = Math.floor(eventTime / 1000);
    return { timeInSeconds, offsetInNanos: (eventTime - timeInSeconds * 1000) * 1_000_000 };
  }
  const timeInSeconds = integerOf(seconds, 1, LATEST_SECONDS);
  if (timeInSeconds === undefined)
    return fault('timeInSeconds', seconds, 'a whole number from 1 to 31556889864403199');
  if (nanos === undefined) return { timeInSeconds };
  const offsetInNanos = integerOf(nanos, 0, MOST_NANOS);
  if (offsetInNanos === undefined)
    return fault('offsetInNanos', nanos, `a whole number from 0 to ${MOST_NANOS}`);
  return { timeInSeconds, offsetInNanos };
}

/** Converts a number or its text to an integer; a Decimal only if it is whole. */
function integerOf(value: Value, least: number, most: number): number | undefined {
  const number = numberOf(value);
  const fits = number !== undefined && Number.isInteger(number) && number >= least && number <= most;
  return fits ? number : undefined;
}

/** Converts a number or its text; undefined if it is not a number or exceeds the range of a double. */
function numberOf(value: Value): number | undefined {
  const text = renderText(value);
  const number = Number(text);
  if (!isNumberText(text) || !Number.isFinite(number)) return undefined;
  // JSON.stringify turns -0 into 0: normalise it, so that the stored request equals the built one.
  return number === 0 ? 0 : number;
}

function fault(name: string, value: Value, expected: string): string {
  return `The ${name} of the iotSiteWise action is ${JSON.stringify(renderText(value))}, not ${expected}`;
}
