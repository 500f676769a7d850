import { isConstant, type Types } from '../../expression/index.ts';
import { type Diagnostic, error, warning } from './finding.ts';
import { list } from './model-types.ts';

/** What each member of a property value accepts: its own type, or a String that is converted. */
const FIELDS: Readonly<Record<string, readonly [defined: string, takes: Types]>> = {
  'propertyValue.value.stringValue': ['String', ['String']],
  'propertyValue.value.integerValue': ['Integer', ['Integer', 'Decimal', 'String']],
  'propertyValue.value.doubleValue': ['Double', ['Integer', 'Decimal', 'String']],
  'propertyValue.value.booleanValue': ['Boolean', ['Boolean', 'String']],
};

/** The value for an asset property has the type of its member. An ERROR only for constant expressions. */
export const sitewiseType: Diagnostic = ({ types }) =>
  types.sites.flatMap(({ site, inference }) => {
    const member = site.action === 'iotSiteWise' ? FIELDS[site.field] : undefined;
    if (member === undefined || inference.types.some((type) => member[1].includes(type))) return [];
    const [defined] = member;
    const inferred = inference.types.length === 1 ? inference.types[0] : list(inference.types);
    const constant = site.result.ok && isConstant(site.result.node);
    // The service worded it differently where a type is only inferred.
    const field = constant
      ? `The expression type in the IotSitewiseAction field ${site.text}`
      : `The expression in the IotSitewiseAction field [${site.text}]`;
    const message =
      `${field} is defined as type ${defined} and inferred as type ${inferred}. ` +
      'The defined type and the inferred type must be the same.';
    return [constant ? error('data-type', site.path, message) : warning('data-type', [site.path], message)];
  });
