import type { Evaluate, Scope } from '../../core/expression/index.ts';
import type { CompiledEvent, CompiledModel, CompiledState, Condition } from '../../core/model/compiled.ts';
import type { Mutant } from './mutants.ts';

/**
 * A model with unchanged behaviour that reports after each step which events were considered and which mutants may have
 * behaved differently. Most mutants behave like the model in most steps; a probe finds that out by evaluating one
 * condition instead of running a step of each mutant.
 */
export class Probe {
  readonly model: CompiledModel;
  /** Goals of the last step: `True` or `False` with the place of each event considered, and `taken` for transitions. */
  readonly goals: string[] = [];
  /** Mutants that may have behaved differently in the last step. */
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

  /** To be called before each step. */
  reset(): void {
    this.goals.length = 0;
    this.suspects.clear();
  }

  #watch<E extends CompiledEvent>(event: E, mutants: readonly Mutant[]): E {
    const { condition, place } = event;
    const isTransition = 'nextState' in event;
    const others = mutants.filter(({ condition: other }) => other === undefined);
    const evaluate: Evaluate = (scope) => {
      const own = new RecordedScope(scope);
      const outcome = condition === undefined ? true : condition.evaluate(own);
      const isTrue = outcome === true;
      this.goals.push(`${isTrue ? 'True' : 'False'} ${place}`);
      if (isTrue && isTransition) this.goals.push(`taken ${place}`);
      if (isTrue) for (const mutant of others) this.suspects.add(mutant);
      for (const mutant of mutants) {
        if (mutant.condition === undefined) continue;
        const its = new RecordedScope(own);
        if (
          (mutant.condition(its) === true) !== isTrue ||
          its.asksMore ||
          its.timers.size !== own.timers.size
        )
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

/**
 * Records which timeouts a condition tests. Testing a timeout changes the detector, so when a mutant's condition runs,
 * only recorded answers are reused.
 */
class RecordedScope implements Scope {
  readonly triggerType: Scope['triggerType'];
  readonly currentInput: number;
  readonly timers = new Map<number, boolean>();
  /** Whether the condition tested a timeout that the wrapped one did not test. */
  asksMore = false;
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
    if (this.#scope instanceof RecordedScope) {
      const answer = this.#scope.timers.get(timer);
      if (answer === undefined) this.asksMore = true;
      this.timers.set(timer, answer ?? false);
    } else this.timers.set(timer, this.#scope.timeout(timer));
    return this.timers.get(timer) ?? false;
  }

  unknownTimer(name: string): void {
    if (!(this.#scope instanceof RecordedScope)) this.#scope.unknownTimer?.(name);
  }
}
