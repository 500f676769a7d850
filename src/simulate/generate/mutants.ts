import type { Evaluate } from '../../core/expression/index.ts';
import { comparable, numberOf } from '../../core/expression/numbers.ts';
import { decimal, renderText } from '../../core/expression/value.ts';
import type {
  CompiledEvent,
  CompiledModel,
  CompiledState,
  CompiledTransition,
} from '../../core/model/compiled.ts';
import { compileText, eventsOf, nodesOf, parsed } from './expressions.ts';

/** A model with one small fault that a good suite should detect. */
export interface Mutant {
  /** Unique: `states[0].onInput.events[1]: condition negated`. */
  readonly name: string;
  /** The event that was changed. The mutant behaves like the model until this event is considered. */
  readonly place: string;
  readonly model: CompiledModel;
  /** The changed condition, if the condition was changed. */
  readonly condition?: Evaluate;
}

/**
 * All mutants of a model: conditions negated, limits shifted, actions removed, timers lengthened, transitions
 * redirected.
 */
export function mutantsOf(model: CompiledModel): Mutant[] {
  return model.states.flatMap((state) =>
    eventsOf(state).flatMap((event) => [
      ...conditionMutants(model, event),
      ...actionMutants(model, event),
      ...redirections(model, event),
    ]),
  );
}

function conditionMutants(model: CompiledModel, event: CompiledEvent): Mutant[] {
  const { condition } = event;
  const node = condition === undefined ? undefined : parsed(condition.text);
  if (condition === undefined || node === undefined) return [];
  const { text } = condition;
  const changed = (other: string, what: string): Mutant[] => {
    const evaluate = compileText(model, other);
    return evaluate === undefined
      ? []
      : [
          {
            ...replaced(model, event, { condition: { ...condition, evaluate } }, what),
            condition: evaluate,
          },
        ];
  };
  const limits = nodesOf(node).flatMap((each) => {
    const isLimit = each.kind === 'binary' && ['==', '!=', '<', '<=', '>', '>='].includes(each.operator);
    return isLimit ? [each.left, each.right].filter((side) => side.kind === 'literal') : [];
  });
  const moved = limits.flatMap((limit) => {
    const number = limit.kind === 'literal' ? numberOf(limit.value) : undefined;
    if (number === undefined) return [];
    const value = Number(comparable(number));
    return STEPS.flatMap((step) => {
      const other = renderText(
        Number.isInteger(value + step) ? value + step : (decimal(value + step) ?? value),
      );
      const literal = other.startsWith('-') ? `(${other})` : other;
      return changed(
        `${text.slice(0, limit.start)}${literal}${text.slice(limit.end)}`,
        `limit ${renderText(number)} at ${limit.start} is ${other}`,
      );
    });
  });
  return [...changed(`!(${text})`, 'condition negated'), ...moved];
}

/** By how much limits are shifted. */
const STEPS = [1, -1, 0.02, -0.02];

function actionMutants(model: CompiledModel, event: CompiledEvent): Mutant[] {
  return event.actions.flatMap((action, index) => {
    const dropped = replaced(
      model,
      event,
      { actions: event.actions.toSpliced(index, 1) },
      `action ${index} dropped`,
    );
    if (action.kind !== 'setTimer') return [dropped];
    const { duration } = action;
    const longer =
      typeof duration === 'number'
        ? duration + 1
        : (scope: Parameters<Evaluate>[0]) => {
            const seconds = numberOf(duration(scope));
            return seconds === undefined ? undefined : Number(comparable(seconds)) + 1;
          };
    const actions = event.actions.with(index, { ...action, duration: longer });
    return [dropped, replaced(model, event, { actions }, `action ${index} sets a longer timer`)];
  });
}

function redirections(model: CompiledModel, event: CompiledEvent): Mutant[] {
  if (!isTransition(event)) return [];
  return model.states.flatMap((state, nextState) => {
    if (nextState === event.nextState) return [];
    return [replaced(model, event, { nextState }, `leads to ${state.name}`)];
  });
}

function isTransition(event: CompiledEvent): event is CompiledTransition {
  return 'nextState' in event;
}

function replaced(
  model: CompiledModel,
  event: CompiledEvent,
  change: Partial<CompiledTransition>,
  what: string,
): Mutant {
  const other = { ...event, ...change };
  const swap = <E extends CompiledEvent>(events: readonly E[]): E[] =>
    events.map((each) => (each.place === event.place ? { ...each, ...other } : each));
  const states = model.states.map(
    (state): CompiledState => ({
      ...state,
      onEnter: swap(state.onEnter),
      onInput: swap(state.onInput),
      transitions: swap(state.transitions),
      onExit: swap(state.onExit),
    }),
  );
  return { name: `${event.place}: ${what}`, place: event.place, model: { ...model, states } };
}
