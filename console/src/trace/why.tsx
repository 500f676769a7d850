import { Link } from '@tanstack/react-router';
import { Check, Minus, TriangleAlert, X } from 'lucide-react';
import type { ConditionData } from '../../../src/core/detector/trace-data.ts';
import { signOf } from '../alarms/sign-of.ts';
import type { EvaluationEvent } from '../api/events.ts';
import { labelOf } from '../components/badge.tsx';
import { absoluteText, durationText } from '../components/time.tsx';
import './trace.css';

export interface WhyProps {
  readonly event: EvaluationEvent;
  /** The requests of the actions by the ids of their executions, where nothing is delivered. */
  readonly requests?: ReadonlyMap<string, string>;
}

/** One evaluation, step by step: each condition with the values it saw, and what came of it. */
export function Why({ event, requests }: WhyProps) {
  const { trace, trigger, at } = event;
  const { conditions, variables, timers, actions, transition, rule, refusal } = trace;
  return (
    <div className="stack why">
      <p>
        {trigger.type === 'Message' && (
          <>
            A message on <strong>{trigger.inputName}</strong>
          </>
        )}
        {trigger.type === 'Timer' && (
          <>
            Timer <strong>{trigger.timerName}</strong> expired
          </>
        )}
        {trigger.type === 'CustomerAction' && (
          <>
            An operator’s <strong>{labelOf(trigger.actionName)}</strong>
          </>
        )}
        <span className="soft">, {absoluteText(at)}</span>
      </p>
      {trigger.type === 'Message' && <code className="payload">{trigger.payload}</code>}
      {refusal !== undefined && <p>{refusal}</p>}
      {rule !== undefined && (
        <p>
          {rule.isEvaluated ? (
            <>
              <code>
                {rule.inputPropertyValue} {signOf(rule.operator)} {rule.thresholdValue}
              </code>{' '}
              is {rule.result ? 'true: the threshold is breached' : 'false'}
            </>
          ) : (
            rule.reason
          )}
        </p>
      )}
      {conditions.length > 0 && (
        <section>
          <h3>Conditions, in the order of evaluation</h3>
          <ol className="conditions">
            {conditions.map((condition) => (
              <Condition key={`${condition.place} ${condition.lifeCycle}`} condition={condition} />
            ))}
          </ol>
        </section>
      )}
      {transition !== undefined && (
        <p>
          <strong>
            {transition.from} → {transition.to}
          </strong>{' '}
          by {transition.eventName}
        </p>
      )}
      {variables.length > 0 && (
        <section>
          <h3>Variables</h3>
          <ul className="changes">
            {variables.map(({ name, old, new: next }) => (
              <li key={name}>
                {name}: <code>{old ?? 'not set'}</code> → <code>{next}</code>
              </li>
            ))}
          </ul>
        </section>
      )}
      {timers.length > 0 && (
        <section>
          <h3>Timers</h3>
          <ul className="changes">
            {timers.map(({ name, change, seconds, deadline }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a timer may be changed twice, and the list never is
              <li key={`${name} ${index}`}>
                {name} {change}
                {seconds !== undefined && ` for ${durationText(seconds * 1000)}`}
                {deadline !== undefined && <span className="soft">, {absoluteText(deadline)}</span>}
              </li>
            ))}
          </ul>
        </section>
      )}
      {actions.length > 0 && (
        <section>
          <h3>Actions</h3>
          <ul className="changes">
            {actions.map(({ place, type, eventName, actionExecutionId, problem }) => (
              <li key={place}>
                <code>{type}</code> <span className="soft">of {eventName}</span>
                {actionExecutionId !== undefined && requests !== undefined && (
                  <details className="request">
                    <summary className="small-text">What would be sent</summary>
                    <pre className="payload">{requests.get(actionExecutionId)}</pre>
                  </details>
                )}
                {actionExecutionId !== undefined && requests === undefined && (
                  <>
                    {' '}
                    <Link to="/actions" search={{ id: actionExecutionId }}>
                      Show the delivery
                    </Link>
                  </>
                )}
                {problem !== undefined && (
                  <span className="problem">
                    <TriangleAlert aria-hidden="true" /> {problem}
                  </span>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

const RESULTS = { True: Check, False: X, Skipped: Minus };

function Condition({ condition }: { readonly condition: ConditionData }) {
  const { eventName, lifeCycle, state, result, hasTransition, explain, reads, resultDetails, value } =
    condition;
  const Icon = RESULTS[result];
  // The whole expression is the last part, and the condition itself says it.
  const parts = explain
    .slice(0, -1)
    .filter(({ expression }) => !reads.some(({ reference }) => reference === expression));
  return (
    <li className={result.toLowerCase()}>
      <div className="verdict">
        <Icon aria-hidden="true" />
        <span className="grow wrap">
          <strong>{eventName}</strong>{' '}
          <span className="soft small-text">
            {hasTransition ? 'transition' : lifeCycle.charAt(0).toLowerCase() + lifeCycle.slice(1)} of {state}
          </span>
        </span>
        <span className="small-text">
          {result === 'Skipped'
            ? 'skipped'
            : condition.condition === undefined
              ? 'always'
              : result.toLowerCase()}
        </span>
      </div>
      {condition.condition !== undefined && <code className="expression">{condition.condition}</code>}
      {resultDetails !== undefined && <p className="soft small-text">{resultDetails}</p>}
      {result === 'False' && value === undefined && (
        <p className="soft small-text">
          It could not be evaluated: something in it has no value or the wrong type.
        </p>
      )}
      {reads.length + parts.length > 0 && (
        <table className="parts">
          <thead className="hidden">
            <tr>
              <th scope="col">Part</th>
              <th scope="col">Value</th>
            </tr>
          </thead>
          <tbody>
            {reads.map(({ reference, value: read }) => (
              <tr key={reference}>
                <td>
                  <code>{reference}</code>
                </td>
                <td>
                  <code>{read ?? 'no value'}</code>
                </td>
              </tr>
            ))}
            {parts.map(({ expression, value: part, isSkipped }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the same part may stand in an expression twice
              <tr key={`${expression} ${index}`}>
                <td>
                  <code>{expression}</code>
                </td>
                <td>
                  {isSkipped ? <span className="soft">not needed</span> : <code>{part ?? 'no value'}</code>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </li>
  );
}
