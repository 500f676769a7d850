import type { SitewiseReference, Step } from '../expression/index.ts';
import type { SitewiseProperty } from './compiled.ts';

/**
 * Values of a SiteWise property come as messages on an input of their own, with the payload
 *
 *     {"assetId":…,"propertyId":…,"propertyValue":{"value":…,"timestamp":{…},"quality":…}}
 *
 * A "/" cannot be in an input's name, so that none of the user's is taken.
 */
export function inputOfProperty(propertyId: string): string {
  return `sitewise/${propertyId}`;
}

/** Whether an input is a SiteWise property's. */
export function isProperty(inputName: string): boolean {
  return inputName.startsWith('sitewise/');
}

/** The key in their messages. */
export const SITEWISE_KEY = ['assetId'];

/**
 * Takes ``$sitewise.assetModel.`model`.`property`.rest`` apart: the property, and what is read of its message.
 * Undefined for any other form.
 */
export function readReference({
  path,
}: SitewiseReference): { readonly property: SitewiseProperty; readonly read: readonly Step[] } | undefined {
  const [root, assetModelId, propertyId, ...read] = path;
  if (root !== 'assetModel' || typeof assetModelId !== 'string' || typeof propertyId !== 'string')
    return undefined;
  return read.length === 0 ? undefined : { property: { assetModelId, propertyId }, read };
}
