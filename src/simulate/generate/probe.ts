import type { Evaluate, Scope } from '../../core/expression/index.ts';
import type { CompiledEvent, CompiledModel, CompiledState, Condition } from '../../core/model/compiled.ts';
import type { Mutant } from './mutants.ts';

/**
 * A model that behaves as it did and tells, after a step, which events came up, and which of its mutants may have done
 * something else. Most mutants do the same most of the time: to find that out costs one evaluation of a condition, not a
 * step of the mutant.
 */
export class Probe {
  readonly model: CompiledModel;
  /** Of the last step: `True` or `False` with the place of each event that came up, and `taken` for transitions. */
  readonly goals: string[] = [];
  /** Of the last step: the mutants that cannot be said to have done the same. */
  readonly suspects = new Set<Mutant>();

  constructor(model: CompiledModel, mutants: readonly Mutant[]) {
    const watch = <E extends CompiledEvent>(events: readonly E[]): E[] =>
      events.map((event) =>
        this.#watch(
          event,
          mutants.filter(({ place }) => place === event.place),
        ),
      );
    const states = model.states.map((state): CompiledState => {
      const { onEnter, onInput, transitions, onExit } = state;
      return {
        ...state,
        onEnter: watch(onEnter),
        onInput: watch(onInput),
        transitions: watch(transitions),
        onExit: watch(onExit),
      };
    });
    this.model = { ...model, states };
  }

  /** Before a step. */
  reset(): void {
    this.goals.length = 0;
    this.suspects.clear();
  }

  #watch<E extends CompiledEvent>(event: E, mutants: readonly Mutant[]): E {
    const { condition, place } = event;
    const isTransition = 'nextState' in event;
    const others = mutants.filter(({ condition: other }) => other === undefined);
    const evaluate: Evaluate = (scope) => {
      const own = new Asked(scope);
      const outcome = condition === undefined ? true : condition.evaluate(own);
      const isTrue = outcome === true;
      this.goals.push(`${isTrue ? 'True' : 'False'} ${place}`);
      if (isTrue && isTransition) this.goals.push(`taken ${place}`);
      if (isTrue) for (const mutant of others) this.suspects.add(mutant);
      for (const mutant of mutants) {
        if (mutant.condition === undefined) continue;
        const its = new Asked(own);
        if ((mutant.condition(its) === true) !== isTrue || its.isMore || its.timers.size !== own.timers.size)
          this.suspects.add(mutant);
      }
      return outcome;
    };
    const watched: Condition = {
      text: '',
      reads: [],
      explain: () => ({ value: undefined, parts: [] }),
      ...condition,
      evaluate,
    };
    return { ...event, condition: watched };
  }
}

/** What a condition asks of a scope: to ask for a timeout changes the detector, so only what was asked is answered. */
class Asked implements Scope {
  readonly triggerType: Scope['triggerType'];
  readonly currentInput: number;
  readonly timers = new Map<number, boolean>();
  /** Whether it asked for a timeout that the condition before it did not ask for. */
  isMore = false;
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
    this.triggerType = scope.triggerType;
    this.currentInput = scope.currentInput;
  }

  at(place: number) {
    return this.#scope.at(place);
  }

  timeout(timer: number): boolean {
    if (this.#scope instanceof Asked) {
      const answer = this.#scope.timers.get(timer);
      if (answer === undefined) this.isMore = true;
      this.timers.set(timer, answer ?? false);
    } else this.timers.set(timer, this.#scope.timeout(timer));
    return this.timers.get(timer) ?? false;
  }

  unknownTimer(name: string): void {
    if (!(this.#scope instanceof Asked)) this.#scope.unknownTimer?.(name);
  }
}
