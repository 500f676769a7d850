import type { Types } from '../../expression/index.ts';
import { type Diagnostic, error } from './finding.ts';
import { list } from './model-types.ts';

/** What each member of a property value takes: its own type, or a text that is converted (spec: actions 5). */
const FIELDS: Readonly<Record<string, readonly [defined: string, takes: Types]>> = {
  'propertyValue.value.integerValue': ['Integer', ['Integer', 'Decimal', 'String']],
  'propertyValue.value.doubleValue': ['Double', ['Integer', 'Decimal', 'String']],
  'propertyValue.value.booleanValue': ['Boolean', ['Boolean', 'String']],
};

/** The value of an asset property has the type of its member. */
export const sitewiseType: Diagnostic = ({ types }) =>
  types.sites.flatMap(({ site, inference }) => {
    const field = site.action === 'iotSiteWise' ? FIELDS[site.field] : undefined;
    if (field === undefined || inference.types.some((type) => field[1].includes(type))) return [];
    const message =
      `The expression type in the IotSitewiseAction field ${site.text} is defined as type ${field[0]} and inferred as ` +
      `type ${inference.types.length === 1 ? inference.types[0] : list(inference.types)}. The defined type and the ` +
      'inferred type must be the same.';
    return [error('data-type', site.path, message)];
  });
