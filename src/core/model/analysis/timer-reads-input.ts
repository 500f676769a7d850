import { type Call, type Node, nameArgument, visit } from '../../expression/index.ts';
import type { ExpressionSite } from './expression-site.ts';
import { type Diagnostic, warning } from './finding.ts';
import { entering, type Names } from './flow.ts';
import type { ActionSite, Subject } from './subject.ts';

/**
 * A condition that reads an input is also evaluated when a timer expires, and then sees the last message. Reported once
 * per condition, only if a timer may run in that state and the condition does not test the trigger. Testing a timer is
 * no such test: `timeout("t") || $input.I.x > 1` reads the last message.
 */
export const timerReadsInput: Diagnostic = (subject) => {
  const timers = new RunningTimers(subject);
  const places = new Map<string, string[]>();
  for (const { role, group, stateIndex, path, text, result, references } of subject.expressions) {
    if (role !== 'condition' || (group !== 'onInput' && group !== 'transitions') || !result.ok) continue;
    if (!references.some(({ kind }) => kind === 'input') || testsTrigger(result.node)) continue;
    if (!timers.mayRunIn(stateIndex)) continue;
    const known = places.get(text);
    if (known === undefined) places.set(text, [path]);
    else known.push(path);
  }
  const message = 'An input attribute is being read, but this may be caused by a timer expiration.';
  return [...places.values()].map((paths) => warning('structure', paths, message));
};

function testsTrigger(node: Node): boolean {
  let asks = false;
  visit(node, (part) => {
    if (part.kind === 'call' && ['triggerType', 'currentInput'].includes(part.name)) asks = true;
  });
  return asks;
}

/** The timers that may run while a detector is in a state: set on some path to it and not cleared on that path. */
class RunningTimers {
  readonly #actions = new Map<string, ActionSite[]>();
  readonly #conditions: Subject['conditions'];
  readonly #entering: ReadonlyMap<number, Names>;

  constructor(subject: Subject) {
    this.#conditions = subject.conditions;
    for (const site of subject.actions) {
      const { setTimer, resetTimer, clearTimer } = site.action;
      if ((setTimer ?? resetTimer ?? clearTimer) === undefined) continue;
      const key = `${site.stateIndex} ${site.group === 'transitions' ? site.eventPath : site.group}`;
      const known = this.#actions.get(key);
      if (known === undefined) this.#actions.set(key, [site]);
      else known.push(site);
    }
    this.#entering = entering(subject, { leave: (index, n, entered) => this.#leaving(index, n, entered) });
  }

  mayRunIn(index: number): boolean {
    const entered = this.#entering.get(index);
    return entered !== undefined && this.#staying(index, entered).size > 0;
  }

  /** The timers that may run while the detector stays in the state. */
  #staying(index: number, entered: Names): Set<string> {
    const running = new Set(entered);
    for (const site of this.#at(`${index} onEnter`)) apply(site, running);
    // An onInput event may or may not have happened: its timers may be set, and those it clears may still run.
    for (const site of this.#at(`${index} onInput`))
      if (site.action.clearTimer === undefined) apply(site, running);
    return running;
  }

  #leaving(index: number, transition: number, entered: Names): Set<string> {
    const running = this.#staying(index, entered);
    const path = `states[${index}].onInput.transitionEvents[${transition}]`;
    // A transition on a timer's expiry leaves that timer expired.
    for (const name of expiredIn(this.#conditions.get(path))) running.delete(name);
    for (const site of this.#at(`${index} onInput`))
      if (!this.#conditions.has(site.eventPath)) apply(site, running);
    for (const site of this.#at(`${index} ${path}`)) apply(site, running);
    for (const site of this.#at(`${index} onExit`)) apply(site, running);
    return running;
  }

  #at(key: string): readonly ActionSite[] {
    return this.#actions.get(key) ?? [];
  }
}

function apply({ action: { setTimer, resetTimer, clearTimer } }: ActionSite, running: Set<string>): void {
  const started = setTimer ?? resetTimer;
  if (started !== undefined) running.add(started.timerName);
  if (clearTimer !== undefined) running.delete(clearTimer.timerName);
}

/** The timers that must have expired for a condition to hold: `timeout("t")`, alone or joined by &&. */
function expiredIn(site: ExpressionSite | undefined): string[] {
  return site?.result.ok ? demanded(site.result.node) : [];
}

function demanded(node: Node): string[] {
  if (node.kind === 'binary' && node.operator === '&&')
    return [...demanded(node.left), ...demanded(node.right)];
  return node.kind === 'call' && node.name === 'timeout' ? timerOf(node) : [];
}

function timerOf(node: Call): string[] {
  const name = nameArgument(node);
  return name === undefined ? [] : [name];
}
