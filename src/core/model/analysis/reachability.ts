import { compile, EMPTY_SCOPE, isConstant, NO_BINDINGS, type Node } from '../../expression/index.ts';
import type { ExpressionSite } from './expression-site.ts';
import type { Diagnostic, Finding } from './finding.ts';
import type { Subject } from './subject.ts';

const STATE =
  'A state in your detector model is unreachable. Check the condition that will cause a transition to the desired state.';
const ACTION =
  'An action in your detector model is unreachable. Check the condition that initiates the action.';

/** States and actions that can never be reached: there is no path, or a condition on it is never true. */
export const reachability: Diagnostic = (subject) => {
  const never = new Set(subject.expressions.filter(isNeverTrue).map(({ path }) => path));
  const reached = statesReached(subject, never);
  const states = subject.definition.states.flatMap(({ stateName }, index) =>
    reached.has(stateName) ? [] : [warning(STATE, `states[${index}]`)],
  );
  const actions = subject.actions.flatMap(({ path }) =>
    never.has(path.replace(/\.actions\[\d+\]$/, '')) ? [warning(ACTION, path)] : [],
  );
  return [...states, ...actions];
};

function statesReached({ definition, events }: Subject, never: ReadonlySet<string>): Set<string> {
  const reached = new Set<string>();
  const waiting = [definition.initialStateName];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    for (const { stateName, nextState, path } of events)
      if (stateName === name && nextState !== undefined && !never.has(path)) waiting.push(nextState);
  }
  return reached;
}

/** True for a constant condition that is not true, or one that requires such a condition. */
function isNeverTrue({ role, result }: ExpressionSite): boolean {
  return role === 'condition' && result.ok && isFalse(result.node);
}

function isFalse(node: Node): boolean {
  if (node.kind === 'binary' && node.operator === '&&') return isFalse(node.left) || isFalse(node.right);
  if (node.kind === 'binary' && node.operator === '||') return isFalse(node.left) && isFalse(node.right);
  return isConstant(node) && compile(node, NO_BINDINGS)(EMPTY_SCOPE) !== true;
}

function warning(message: string, path: string): Finding {
  return { type: 'structure', level: 'WARNING', message, locations: [{ path }] };
}
