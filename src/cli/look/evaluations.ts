import type { EvaluationEvent } from '../../api/events/evaluation-event.ts';
import type { ApiClient } from '../client.ts';
import { printable } from '../table.ts';

/** The number of evaluations shown for one detector. */
const SHOWN = 5;
/** The number of characters shown of a payload. */
const LONGEST = 120;

/** A detector's last evaluations, newest first, or the reason why there are none. */
export type Remembered = { readonly evaluations: readonly EvaluationEvent[] } | { readonly reason: string };

/** Reads the last evaluations of a detector. Rejects with CommandError when there is no answer. */
export async function readEvaluations(client: ApiClient, model: string, key: string): Promise<Remembered> {
  const query = new URLSearchParams({
    detectorModelName: model,
    keyValue: key,
    maxResults: String(SHOWN),
  });
  const { ok, error, body } = await client.send('GET', `/_tripline/evaluations?${query}`);
  // A front of a cluster has none, and a policy may forbid reading them: the rest is still shown.
  if (!ok) return { reason: String(body.message ?? error) };
  return { evaluations: body.evaluations as readonly EvaluationEvent[] };
}

/** Lines for people: the trigger, the effects, and why. */
export function evaluationLines(remembered: Remembered): string[] {
  if ('reason' in remembered) return [`  cannot be shown: ${printable(remembered.reason)}`];
  if (remembered.evaluations.length === 0)
    return ['  none since the server started, or too many at once to record'];
  return remembered.evaluations.flatMap(linesOf);
}

function linesOf({ at, trigger, from, to, trace }: EvaluationEvent): string[] {
  const { transition } = trace;
  const state =
    from === undefined
      ? `new ${to}`
      : transition === undefined
        ? to
        : `${transition.from} -> ${transition.to}`;
  const lines = [`  ${new Date(at).toISOString()}  ${state}  ${triggerText(trigger)}`];
  const line = (what: string, text: string) => lines.push(`    ${what.padEnd(9)} ${printable(text)}`);
  // The cause of the transition; without one, why none was taken.
  const telling = trace.conditions.filter(
    ({ hasTransition, result }) => hasTransition && result === (transition === undefined ? 'False' : 'True'),
  );
  for (const { eventName, condition = 'true', result, reads } of telling) {
    const values = reads.map(({ reference, value = 'undefined' }) => `${reference} = ${value}`);
    const seen = values.length === 0 ? '' : `; ${values.join(', ')}`;
    line(result === 'True' ? 'because' : 'not', `"${eventName}": ${condition}${seen}`);
  }
  for (const { name, old = 'undefined', new: value } of trace.variables)
    line('variable', `${name}: ${old} -> ${value}`);
  for (const { name, change, seconds } of trace.timers)
    line('timer', `${name} ${change}${seconds === undefined ? '' : ` for ${seconds} s`}`);
  // The values of variables and timers are shown above.
  for (const { type, eventName, problem, actionExecutionId: id } of trace.actions)
    if (id !== undefined || problem !== undefined)
      line('action', `${type} by "${eventName}"${problem === undefined ? ` (${id})` : `: ${problem}`}`);
  return lines;
}

function triggerText(trigger: EvaluationEvent['trigger']): string {
  if (trigger.type === 'Timer') return `timer ${trigger.timerName}`;
  if (trigger.type === 'CustomerAction') return `operator ${trigger.actionName}`;
  const { inputName, payload } = trigger;
  const short = payload.length <= LONGEST ? payload : `${payload.slice(0, LONGEST - 1)}…`;
  return printable(`${inputName} ${short.replaceAll(/\s+/g, ' ')}`);
}
