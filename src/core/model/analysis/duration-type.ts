import { type Diagnostic, error, warning, within } from './finding.ts';
import { isNumeric, list } from './model-types.ts';

/** A timer's duration is a number. */
export const durationType: Diagnostic = ({ types }) =>
  types.sites.flatMap(({ site, inference, own }) => {
    if (site.role !== 'durationExpression' || isNumeric(inference.types)) return [];
    const timerName = site.actionDefinition?.setTimer?.timerName ?? '';
    // The expression alone could be a number: only the rest of the model contradicts it.
    if (isNumeric(own.types)) {
      const message =
        `The data types ${list(inference.types)} used for setTimer action don't evaluate to Integer for the ` +
        `following expression: ${site.text}`;
      return [within(site, warning('data-type', [site.path], message))];
    }
    const message = `Duration expression ${site.text} for timer ${timerName} is not valid, it must return a number.`;
    return [within(site, error('data-type', site.path, message))];
  });
