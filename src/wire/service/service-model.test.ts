import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SERVICE_NAMES, serviceModel } from './service-model.ts';

/** The published service descriptions, which not every checkout has. */
const folder = new URL('../../../../shared/spec/', import.meta.url);

describe.skipIf(!existsSync(folder))('the service descriptions in ../shared/spec', () => {
  test.each(SERVICE_NAMES)('%s: the generated model is the published one', (name) => {
    const published = JSON.parse(readFileSync(new URL(`${name}.api.json`, folder), 'utf8'));
    expect(JSON.parse(JSON.stringify(serviceModel(name)))).toEqual(withoutNotes(published));
  });
});

/** Removes what does not affect the protocol: hints to code generators, and the default status. */
function withoutNotes(model: unknown): unknown {
  return JSON.parse(JSON.stringify(model), (name, value: unknown) => {
    if (['box', 'deprecated', 'deprecatedMessage'].includes(name)) return undefined;
    return name === 'responseCode' && value === 200 ? undefined : value;
  });
}

test.each(SERVICE_NAMES)('%s: every shape that is named is there', (name) => {
  const { operations, shapes } = serviceModel(name);
  const named = JSON.stringify([operations, shapes]).matchAll(/"shape":"([^"]+)"/g);
  const missing = [...named].map(([, shape]) => shape ?? '').filter((shape) => !(shape in shapes));
  expect(missing).toEqual([]);
});
