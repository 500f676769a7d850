import { type Diagnostic, error } from './finding.ts';
import { isNumeric, list } from './model-types.ts';

/** A timer's duration is a number. */
export const durationType: Diagnostic = ({ types, actions }) =>
  types.sites.flatMap(({ site, inference, own }) => {
    if (site.role !== 'durationExpression' || isNumeric(inference.types)) return [];
    const timerName = actions.find(({ path }) => path === site.path)?.action.setTimer?.timerName ?? '';
    // The second message is for what only the rest of the model tells of.
    const message = isNumeric(own)
      ? `The data types ${list(inference.types)} used for setTimer action don't evaluate to Integer for the following ` +
        `expression: ${site.text}`
      : `Duration expression ${site.text} for timer ${timerName} is not valid, it must return a number.`;
    return [error('data-type', site.path, message)];
  });
