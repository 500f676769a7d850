import { styleText } from 'node:util';
import { buildRequest } from '../../core/action/index.ts';
import type { ActionEffect } from '../../core/detector/effect.ts';
import type { ConditionTrace } from '../../core/detector/trace.ts';
import type { Evaluated } from '../../core/engine/running.ts';
import { renderJson } from '../../core/expression/json.ts';

type Style = Parameters<typeof styleText>[0];

/** Describes events for people, in colour where that is supported. */
export class Report {
  readonly #write: (line: string) => void;
  readonly #colours: boolean;
  #started = 0;

  constructor(write: (line: string) => void, colours: boolean) {
    this.#write = write;
    this.#colours = colours;
  }

  line(text = ''): void {
    this.#write(text);
  }

  heading(text: string): void {
    this.#write(this.#style('bold', text));
  }

  /**
   * The changes of one evaluation, with its states: a new detector, a transition, actions. Empty when nothing changed.
   */
  evaluation(evaluated: Evaluated, now: number): void {
    if (evaluated.kind !== 'detector' || evaluated.states === undefined) return;
    const { model, keyValue, trigger, result } = evaluated;
    const { before, after } = evaluated.states;
    this.#started ||= now;
    const states = model.compiled.states;
    const to = states[after.state]?.name ?? '';
    const from = before === undefined ? undefined : (states[before.state]?.name ?? '');
    const transition = result.trace?.conditions.find(
      (entry) => entry.hasTransition && entry.result === 'True',
    );
    if (from !== undefined && transition === undefined && result.effects.length === 0) return;
    const time = this.#style('dim', `${((now - this.#started) / 1000).toFixed(1).padStart(5)} s`);
    const who = `${model.compiled.name} ${this.#style('bold', keyValue ?? '')}`;
    const left = transition?.state ?? from;
    const change =
      from === undefined && transition === undefined
        ? `starts in ${to}`
        : `${left} -> ${this.#style('yellow', to)}`;
    this.#write(`${time}  ${who}: ${change}`);
    if (transition !== undefined)
      this.#why(transition, trigger.type === 'Timer' ? trigger.timerName : undefined);
    for (const effect of result.effects) this.#action(effect);
  }

  #why(transition: ConditionTrace, timerName: string | undefined): void {
    const { eventName, condition = 'true', reads } = transition;
    this.#write(`         why     "${eventName}": ${condition}`);
    const seen = reads.map(({ reference, value }) => {
      return `${reference} = ${value === undefined ? 'undefined' : renderJson(value)}`;
    });
    if (timerName !== undefined) seen.push(`timer ${timerName} expired`);
    if (seen.length > 0) this.#write(this.#style('dim', `                 with ${seen.join(', ')}`));
  }

  #action(effect: ActionEffect): void {
    const built = buildRequest(effect);
    const what = built.ok
      ? `${built.request.service} ${built.request.operation} ${shorten(JSON.stringify(built.request.input))}`
      : `not sent: ${built.message}`;
    this.#write(`         ${this.#style('cyan', 'action')}  "${effect.eventName}": ${what}`);
  }

  #style(style: Style, text: string): string {
    return this.#colours ? styleText(style, text) : text;
  }
}

function shorten(text: string): string {
  return text.length <= 240 ? text : `${text.slice(0, 239)}…`;
}
