import type { ConditionTrace, TimerChange } from '../../core/detector/trace.ts';
import type { Payload } from '../../core/detector/types.ts';
import { namedVariables } from '../../core/detector/variables.ts';
import { renderJson } from '../../core/expression/json.ts';
import type { Outcome } from '../../core/expression/value.ts';
import type { Rejection, SimulatedEvaluation, SimulatedTrigger } from '../evaluation.ts';
import { requestsOf } from '../records.ts';
import type { Instance, Simulator } from '../simulator.ts';
import { isoTime, showDuration } from '../times.ts';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta';
/** Colours a text, or returns it unchanged. */
export type Paint = (style: Style, text: string) => string;

export const PLAIN: Paint = (_style, text) => text;

/** The maximum number of characters of a message or request to show. */
const LONGEST = 240;
const INDENT = ' '.repeat(25);

/** Renders the events of a simulation as text. */
export class TextReport {
  readonly #paint: Paint;
  readonly #explains: boolean;

  constructor({ paint, explain }: { readonly paint: Paint; readonly explain: boolean }) {
    this.#paint = paint;
    this.#explains = explain;
  }

  /** Renders an evaluation, which must have a trace, as lines that end with a line feed. */
  evaluation(evaluation: SimulatedEvaluation): string {
    const { trace, model, keyValue, trigger, stateBefore, stateAfter, problems } = evaluation;
    const isChange = stateBefore !== stateAfter || trace?.transition !== undefined;
    const state =
      stateBefore === undefined
        ? this.#created(evaluation)
        : isChange
          ? this.#change(evaluation)
          : stateAfter;
    const who = [model.compiled.name, this.#paint('bold', keyValue ?? '')].filter(Boolean).join(' ');
    const lines = [
      `${this.#time(evaluation.time)}  ${who}  ${state}  ${this.#paint('dim', triggerText(trigger))}`,
    ];
    if (trace === undefined) return `${lines[0]}\n`;
    const chosen = trace.conditions.find(({ hasTransition, result }) => hasTransition && result === 'True');
    if (this.#explains) lines.push(...trace.conditions.flatMap((condition) => this.#explain(condition)));
    else if (chosen !== undefined) lines.push(...this.#why(chosen));
    if (trace.rule?.isEvaluated) {
      const { inputPropertyValue, operator, thresholdValue, result } = trace.rule;
      const sides = `${renderJson(inputPropertyValue)} ${operator} ${renderJson(thresholdValue)}`;
      lines.push(this.#line('rule', `${sides} is ${this.#truth(result ? 'True' : 'False')}`));
    } else if (trace.rule !== undefined && this.#explains) {
      lines.push(this.#line('rule', trace.rule.reason));
    }
    for (const { name, old, new: value } of trace.variables)
      lines.push(this.#line('variable', `${name}: ${show(old)} -> ${show(value)}`));
    for (const change of trace.timers) lines.push(this.#line('timer', timerText(change)));
    for (const { effect, eventName, type } of trace.actions) {
      for (const { request, error } of effect === undefined ? [] : requestsOf(effect)) {
        const what =
          request === undefined
            ? this.#paint('red', `not sent: ${error}`)
            : `${request.service} ${request.operation} ${shorten(JSON.stringify(request.input))}`;
        lines.push(this.#line(this.#paint('cyan', 'action'.padEnd(9)), `${type} by "${eventName}": ${what}`));
      }
    }
    for (const { level, message, eventName } of problems) {
      const style = level === 'ERROR' ? 'red' : 'yellow';
      lines.push(this.#line(this.#paint(style, level.toLowerCase().padEnd(9)), `"${eventName}": ${message}`));
    }
    return `${lines.join('\n')}\n`;
  }

  rejection({ time, inputName, messageId, modelName, reason, message }: Rejection): string {
    const what = [inputName, messageId, modelName].filter((part) => part !== undefined).join(' ');
    return `${this.#time(time)}  ${this.#paint('red', `rejected ${reason}`)}  ${what}: ${message}\n`;
  }

  summary(simulator: Simulator): string {
    const { messages, rejected, evaluations, transitions, actions } = simulator.counts;
    const lines = [
      '',
      `${counted(messages, 'message')}, ${rejected} rejected, ${counted(evaluations, 'evaluation')}, ` +
        `${counted(transitions, 'transition')}, ${counted(actions, 'action')}; the clock is at ${isoTime(simulator.time)}`,
    ];
    const total = simulator.instanceCount;
    let shown = 0;
    for (const instance of simulator.instances()) {
      if (++shown > MOST_SHOWN) break;
      lines.push(`  ${this.instance(instance, simulator.time)}`);
    }
    if (total > MOST_SHOWN) lines.push(`  … and ${total - MOST_SHOWN} more (--json lists them all)`);
    return `${lines.join('\n')}\n`;
  }

  /** Renders the state of a detector or alarm as one line. */
  instance({ model, keyValue, state, timers, detector }: Instance, now: number): string {
    const variables =
      model.kind === 'detector' && detector !== undefined ? namedVariables(model.compiled, detector) : [];
    const parts = [
      [model.compiled.name, this.#paint('bold', keyValue ?? ''), this.#paint('yellow', state)]
        .filter(Boolean)
        .join(' '),
      ...variables.map(([name, value]) => `${name}=${show(value)}`),
      ...timers
        .filter(({ status }) => status === 'RUNNING')
        .map(({ name, expiresAt }) => this.#paint('magenta', `${name} in ${showDuration(expiresAt - now)}`)),
    ];
    return parts.join('  ');
  }

  #created({ trace, stateAfter }: SimulatedEvaluation): string {
    const from = trace?.transition?.from;
    const entered = from === undefined ? '' : `${from} -> `;
    return `${this.#paint('green', 'new')} ${entered}${this.#paint('yellow', stateAfter)}`;
  }

  #change({ trace, stateBefore, stateAfter }: SimulatedEvaluation): string {
    return `${trace?.transition?.from ?? stateBefore} -> ${this.#paint('yellow', stateAfter)}`;
  }

  #why({ eventName, condition, reads }: ConditionTrace): string[] {
    const seen = reads.map(({ reference, value }) => `${reference} = ${show(value)}`);
    const lines = [this.#line('because', `"${eventName}": ${oneLine(condition ?? 'true')}`)];
    if (seen.length > 0) lines.push(this.#line('', this.#paint('dim', `with ${seen.join(', ')}`)));
    return lines;
  }

  #explain({
    lifeCycle,
    state,
    eventName,
    hasTransition,
    condition,
    result,
    explain,
    resultDetails,
  }: ConditionTrace): string[] {
    const kind = hasTransition ? 'transition' : 'event';
    const why = resultDetails === undefined ? '' : `  ${resultDetails}`;
    const head = `${lifeCycle} of ${state}, ${kind} "${eventName}": ${this.#truth(result)}${why}`;
    const lines = [this.#line('', head)];
    if (condition === undefined) return lines;
    if (result === 'Skipped')
      return [...lines, this.#line('', `    ${this.#paint('dim', oneLine(condition))}`)];
    for (const { expression, value, isSkipped } of explain) {
      const outcome = isSkipped ? this.#paint('dim', 'not evaluated') : this.#value(value);
      lines.push(this.#line('', `    ${oneLine(expression)} = ${outcome}`));
    }
    return lines;
  }

  #value(value: Outcome): string {
    if (typeof value === 'boolean') return this.#truth(value ? 'True' : 'False');
    return value === undefined ? this.#paint('yellow', 'undefined') : show(value);
  }

  #truth(result: ConditionTrace['result']): string {
    const style = result === 'True' ? 'green' : result === 'False' ? 'red' : 'dim';
    return this.#paint(style, result.toLowerCase());
  }

  #time(time: number): string {
    return this.#paint('dim', isoTime(time).replace('T', ' ').replace('Z', ''));
  }

  #line(label: string, text: string): string {
    return `${INDENT}${label.padEnd(9)} ${text}`;
  }
}

const MOST_SHOWN = 50;

function triggerText(trigger: SimulatedTrigger): string {
  switch (trigger.type) {
    case 'Message':
      return `${trigger.inputName} ${trigger.messageId} ${shorten(payloadText(trigger.payload))}`;
    case 'Timer':
      return `timer ${trigger.timerName}`;
    case 'CustomerAction':
      return `operator ${trigger.action.actionName.toLowerCase()}`;
  }
}

function payloadText({ text }: Payload): string {
  return oneLine(text);
}

function timerText({ name, change, seconds, deadline }: TimerChange): string {
  const lasts = seconds === undefined ? '' : ` for ${showDuration(seconds * 1000)}`;
  const until = deadline === undefined || change === 'expired' ? '' : `, until ${isoTime(deadline)}`;
  return `${name} ${change}${lasts}${until}`;
}

function show(value: Outcome): string {
  return value === undefined ? 'undefined' : shorten(renderJson(value));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function shorten(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}

export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
