import { type Diagnostic, error, within } from './finding.ts';

/**
 * A condition can be a Boolean. A bare reference that clashes with the rest of the model is left to incompatible-uses.
 */
export const conditionType: Diagnostic = ({ types }) =>
  types.sites.flatMap(({ site, own }) => {
    if (site.role !== 'condition' || own.types.includes('Boolean')) return [];
    const message = `Expression ${site.text} is not a valid condition expression.`;
    return [within(site, error('data-type', site.path, message))];
  });
