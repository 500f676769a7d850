import type { SitewiseReference, Step } from '../expression/index.ts';
import type { SitewiseProperty } from './compiled.ts';

/**
 * Values of a SiteWise property arrive as messages on an input of their own, with the payload
 *
 *     {"assetId":…,"propertyId":…,"propertyValue":{"value":…,"timestamp":{…},"quality":…}}
 *
 * The input's name contains a "/", which users' inputs cannot have, so the names never clash.
 */
export function inputOfProperty(propertyId: string): string {
  return `sitewise/${propertyId}`;
}

/** True for the input of a SiteWise property. */
export function isProperty(inputName: string): boolean {
  return inputName.startsWith('sitewise/');
}

/** The key of these messages. */
export const SITEWISE_KEY = ['assetId'];

/**
 * Splits ``$sitewise.assetModel.`model`.`property`.rest`` into the property and the path to read from its messages.
 * Returns undefined for any other form.
 */
export function readReference({
  path,
}: SitewiseReference): { readonly property: SitewiseProperty; readonly read: readonly Step[] } | undefined {
  const [root, assetModelId, propertyId, ...read] = path;
  if (root !== 'assetModel' || typeof assetModelId !== 'string' || typeof propertyId !== 'string')
    return undefined;
  return read.length === 0 ? undefined : { property: { assetModelId, propertyId }, read };
}
