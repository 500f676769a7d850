import { isConstant, type Types } from '../../expression/index.ts';
import { type Diagnostic, error, warning } from './finding.ts';
import { list } from './model-types.ts';

/** What each member of a property value accepts: its own type, or a String that is converted. */
const FIELDS: Readonly<Record<string, readonly [defined: string, takes: Types]>> = {
  'propertyValue.value.integerValue': ['Integer', ['Integer', 'Decimal', 'String']],
  'propertyValue.value.doubleValue': ['Double', ['Integer', 'Decimal', 'String']],
  'propertyValue.value.booleanValue': ['Boolean', ['Boolean', 'String']],
};

/** The value for an asset property has the type of its member. An ERROR only for constant expressions. */
export const sitewiseType: Diagnostic = ({ types }) =>
  types.sites.flatMap(({ site, inference }) => {
    const field = site.action === 'iotSiteWise' ? FIELDS[site.field] : undefined;
    if (field === undefined || inference.types.some((type) => field[1].includes(type))) return [];
    const [defined] = field;
    const inferred = inference.types.length === 1 ? inference.types[0] : list(inference.types);
    const constant = site.result.ok && isConstant(site.result.node);
    // The service put brackets around expressions but not around literals.
    const expression = constant ? site.text : `[${site.text}]`;
    const message =
      `The expression type in the IotSitewiseAction field ${expression} is defined as type ${defined} and inferred as ` +
      `type ${inferred}. The defined type and the inferred type must be the same.`;
    return [constant ? error('data-type', site.path, message) : warning('data-type', [site.path], message)];
  });
