import type { Comparison, Difference } from '../backtest/backtest.ts';
import type { SimulatedRequest } from '../records.ts';
import { isoTime, showDuration } from '../times.ts';
import { counted, type Paint } from './text.ts';

/** Renders the differences between two versions of a model as text. */
export function showComparison(comparison: Comparison, messages: number, paint: Paint): string {
  const { old, new: other, keys, differences } = comparison;
  const lines = differences.flatMap((difference) => showDifference(difference, paint));
  const side = ({ modelName, evaluations, actions }: Comparison['old']) =>
    `${modelName}: ${counted(evaluations, 'evaluation')}, ${counted(actions, 'action')}`;
  const outcome =
    differences.length === 0
      ? paint('green', 'No difference.')
      : paint(
          'red',
          `${counted(differences.length, 'difference')} for ${keys.different} of ${counted(keys.total, 'key')}.`,
        );
  return [
    ...lines,
    `old  ${side(old)}`,
    `new  ${side(other)}`,
    `${counted(messages, 'message')}. ${outcome}`,
    '',
  ].join('\n');
}

function showDifference(difference: Difference, paint: Paint): string[] {
  const key = difference.keyValue === undefined ? '' : `  ${paint('bold', difference.keyValue)}`;
  if (difference.kind === 'state') {
    const { from, to, old, new: other } = difference;
    const lasts = to === undefined ? 'until the end' : `for ${showDuration(to - from)}`;
    const states = `${paint('red', old ?? 'no detector')} -> ${paint('green', other ?? 'no detector')}`;
    return [`${isoTime(from)}${key}  state  ${states}  ${lasts}`];
  }
  const { time, type, target, old, new: other } = difference;
  return [
    `${isoTime(time)}${key}  action ${type} ${target}`,
    ...(old === undefined ? [] : [`    ${paint('red', `old  ${show(old)}`)}`]),
    ...(other === undefined ? [] : [`    ${paint('green', `new  ${show(other)}`)}`]),
  ];
}

function show({ request, error }: SimulatedRequest): string {
  return request === undefined ? `not sent: ${error}` : JSON.stringify(request.input);
}
