import type { ActionEffect } from '../detector/effect.ts';
import { renderText, type Value, WholeDecimal } from '../expression/value.ts';
import { type Build, built, refused, textOf } from './request.ts';

const QUALITIES = ['GOOD', 'BAD', 'UNCERTAIN'];
const INT32 = 2 ** 31;
/** The service's own bound is one less, which no double can hold. */
const LATEST_SECONDS = 31_556_889_864_403_200;

type Parameters = ActionEffect['parameters'];

/** iotSiteWise: one value of one asset property (spec: actions 5). */
export const iotSiteWise: Build = (effect) => {
  const { parameters } = effect;
  const identification = identify(parameters);
  if (typeof identification === 'string') return refused(identification);
  const entryId = parameters.entryId ?? effect.actionExecutionId;
  const value = propertyValue(parameters);
  if (typeof value === 'string') return refused(value);
  const timestamp = timestampOf(parameters, effect.eventTime);
  if (typeof timestamp === 'string') return refused(timestamp);
  const quality = parameters['propertyValue.quality'];
  if (quality !== undefined && !QUALITIES.includes(renderText(quality))) {
    return refused(
      `The quality of the iotSiteWise action is ${renderText(quality)}, not one of ${QUALITIES.join(', ')}`,
    );
  }
  const entry = {
    entryId: renderText(entryId),
    ...identification,
    propertyValues: [{ value, timestamp, ...(quality !== undefined && { quality }) }],
  };
  return built('iotsitewise', 'BatchPutAssetPropertyValue', { entries: [entry] });
};

/** Either the alias, or asset and property together. */
function identify(parameters: Parameters): Readonly<Record<string, string>> | string {
  const propertyAlias = textOf(parameters.propertyAlias);
  const assetId = textOf(parameters.assetId);
  const propertyId = textOf(parameters.propertyId);
  if (propertyAlias !== undefined && assetId === undefined && propertyId === undefined)
    return { propertyAlias };
  if (propertyAlias === undefined && assetId !== undefined && propertyId !== undefined)
    return { assetId, propertyId };
  return 'The iotSiteWise action needs either a propertyAlias, or both an assetId and a propertyId';
}

const CONVERSIONS: Readonly<Record<string, (value: Value) => unknown>> = {
  stringValue: (value) => renderText(value),
  integerValue: (value) => {
    const text = renderText(value);
    const number = Number(text);
    return /^[+-]?\d+$/.test(text) && number >= -INT32 && number < INT32 ? number : undefined;
  },
  doubleValue: (value) => {
    const text = renderText(value);
    const number = Number(text);
    return /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) && Number.isFinite(number) ? number : undefined;
  },
  booleanValue: (value) => {
    const text = renderText(value).toLowerCase();
    return text === 'true' ? true : text === 'false' ? false : undefined;
  },
};

/** The one value that is given, converted to the type of its member; or what is wrong. */
function propertyValue(parameters: Parameters): Readonly<Record<string, unknown>> | string {
  const given = Object.keys(CONVERSIONS).filter(
    (name) => parameters[`propertyValue.value.${name}`] !== undefined,
  );
  const [name] = given;
  if (name === undefined || given.length > 1) {
    return `The iotSiteWise action needs exactly one value, but has ${given.length}`;
  }
  const value = parameters[`propertyValue.value.${name}`] as Value;
  const converted = CONVERSIONS[name]?.(value);
  if (converted === undefined)
    return `The ${name} of the iotSiteWise action cannot be read from ${renderText(value)}`;
  return { [name]: converted };
}

/** The given time, else the event's. */
function timestampOf(parameters: Parameters, eventTime: number): Readonly<Record<string, number>> | string {
  const seconds = parameters['propertyValue.timestamp.timeInSeconds'];
  const nanos = parameters['propertyValue.timestamp.offsetInNanos'];
  if (seconds === undefined) {
    const timeInSeconds = Math.floor(eventTime / 1000);
    return { timeInSeconds, offsetInNanos: (eventTime - timeInSeconds * 1000) * 1_000_000 };
  }
  const timeInSeconds = wholeNumber(seconds, 1, LATEST_SECONDS);
  if (timeInSeconds === undefined) {
    return `The timeInSeconds of the iotSiteWise action is ${renderText(seconds)}, not a whole number from 1 to ${LATEST_SECONDS}`;
  }
  if (nanos === undefined) return { timeInSeconds };
  const offsetInNanos = wholeNumber(nanos, 0, 999_999_999);
  if (offsetInNanos === undefined) {
    return `The offsetInNanos of the iotSiteWise action is ${renderText(nanos)}, not a whole number from 0 to 999999999`;
  }
  return { timeInSeconds, offsetInNanos };
}

/** From a number or its text; a Decimal only when it is whole. */
function wholeNumber(value: Value, least: number, most: number): number | undefined {
  const number = value instanceof WholeDecimal ? value.value : Number(value);
  const isNumber = typeof value !== 'boolean' && value !== '' && Number.isInteger(number);
  return isNumber && number >= least && number <= most ? number : undefined;
}
