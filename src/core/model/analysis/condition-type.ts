import { type Diagnostic, error } from './finding.ts';

/** A condition can be true or false. */
export const conditionType: Diagnostic = ({ types }) =>
  types.sites.flatMap(({ site, inference }) => {
    if (site.role !== 'condition' || inference.types.includes('Boolean')) return [];
    return [error('data-type', site.path, `Expression ${site.text} is not a valid condition expression.`)];
  });
