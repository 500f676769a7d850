import type { Problem } from '../core/detector/types.ts';
import { namedVariables } from '../core/detector/variables.ts';
import type { Evaluated, EvaluatedDetector } from '../core/engine/running.ts';
import { renderJson } from '../core/expression/json.ts';
import type { Json } from '../core/expression/value.ts';
import type { Logging } from './catalog/logging.ts';
import type { Clock } from './clock.ts';
import { type Execution, modelFieldOf } from './delivery/execution.ts';
import type { Observer } from './host.ts';

/** Receives the entries of the evaluation log: a file, standard output, or any other line sink. */
export interface LogSink {
  /** One entry as JSON text, without a line end. Must not throw. */
  write(entry: string): void;
  /** Resolves when everything written has been passed to the operating system. */
  close(): Promise<void>;
}

const EVALUATION = 'MessageEvaluation';

type Level = 'ERROR' | 'WARN' | 'INFO' | 'DEBUG';

/**
 * The entries that the service wrote into its log group, as selected by the logging options:
 *
 * - DEBUG: each evaluation of the detectors that a debug option names, with every condition;
 * - INFO: each change of state of other detectors, in the same envelope without the message and the conditions;
 * - WARN and ERROR: errors at run time, and actions that failed finally.
 *
 * The service documents only the DEBUG entry; the other three are modelled on it (reference: questions Q-INFO-FORMAT).
 */
export class EvaluationLog implements Observer {
  readonly #current: () => Logging;
  readonly #clock: Pick<Clock, 'wall'>;
  readonly #sink: Pick<LogSink, 'write'>;

  /** `logging` returns the current logging options. */
  constructor(logging: () => Logging, clock: Pick<Clock, 'wall'>, sink: Pick<LogSink, 'write'>) {
    this.#current = logging;
    this.#clock = clock;
    this.#sink = sink;
  }

  get #logging(): Logging {
    return this.#current();
  }

  /** Whether the log needs traces of a detector's evaluations. */
  readonly traces = (detectorModelName: string, keyValue: string | undefined): boolean =>
    this.#logging.debugs(detectorModelName, keyValue);

  readonly keepsStates = (): boolean => this.#logging.logs('ERROR');

  /** Logs one durable evaluation; `now` is in milliseconds since the epoch. */
  readonly observe = (evaluated: Evaluated, now: number): void => {
    if (evaluated.kind !== 'detector' || !this.#logging.logs('ERROR')) return;
    for (const problem of evaluated.result.problems) this.#problem(evaluated, now, problem);
    // It was evaluated before the log was turned on.
    if (evaluated.states === undefined) return;
    if (this.#logging.debugs(evaluated.model.compiled.name, evaluated.keyValue)) {
      const conditions = evaluated.result.trace?.conditions ?? [];
      const conditionEvaluationResults = conditions.map(
        ({ result, eventName, state, lifeCycle, hasTransition, resultDetails }): Json => ({
          result,
          eventName,
          state,
          lifeCycle,
          hasTransition,
          ...(resultDetails !== undefined && { resultDetails }),
        }),
      );
      this.#write('DEBUG', now, 'Summary of message evaluation', EVALUATION, 'Success', {
        ...evaluationOf(evaluated, evaluated.states),
        ...messageOf(evaluated),
        conditionEvaluationResults,
      });
      return;
    }
    if (!evaluated.changedState || !this.#logging.logs('INFO')) return;
    const what = evaluated.isNew ? 'Detector created' : 'State changed';
    this.#write('INFO', now, what, EVALUATION, 'Success', evaluationOf(evaluated, evaluated.states));
  };

  /** Logs the actions that have failed finally. */
  readonly finished = (executions: readonly Execution[]): void => {
    if (!this.#logging.logs('ERROR')) return;
    for (const execution of executions)
      if (execution.status === 'FAILED') this.#failedAction(execution, this.#clock.wall());
  };

  #failedAction(execution: Execution, now: number): void {
    const { actionExecutionId, type, keyValue, eventName, lastError } = execution;
    this.#write('ERROR', now, lastError ?? '', 'ActionExecution', 'Failure', {
      ...(keyValue !== undefined && { keyValue }),
      ...modelFieldOf(execution),
      eventName,
      actionType: type,
      actionExecutionId,
    });
  }

  #problem(evaluated: EvaluatedDetector, now: number, { level, message, state, eventName }: Problem): void {
    const logged = level === 'ERROR' ? level : 'WARN';
    if (!this.#logging.logs(logged)) return;
    const status = level === 'ERROR' ? 'Failure' : 'Success';
    this.#write(logged, now, message, EVALUATION, status, { ...detectorOf(evaluated), state, eventName });
  }

  #write(level: Level, now: number, logMessage: string, context: string, status: string, rest: Fields): void {
    const timestamp = new Date(now).toISOString();
    this.#sink.write(renderJson({ timestamp, level, logMessage, context, status, ...rest }));
  }
}

type Fields = Readonly<Record<string, Json>>;

function detectorOf({ model, keyValue, trigger }: EvaluatedDetector): Fields {
  return {
    ...(trigger.type === 'Message' && { messageId: trigger.messageId }),
    ...(keyValue !== undefined && { keyValue }),
    detectorModelName: model.compiled.name,
  };
}

/** A detector created by this evaluation began in the model's initial state. */
function evaluationOf(
  evaluated: EvaluatedDetector,
  { before, after }: NonNullable<EvaluatedDetector['states']>,
): Fields {
  const { compiled } = evaluated.model;
  return {
    ...detectorOf(evaluated),
    initialState: compiled.states[before?.state ?? compiled.initialState]?.name ?? '',
    initialVariables: before === undefined ? {} : Object.fromEntries(namedVariables(compiled, before)),
    finalState: compiled.states[after.state]?.name ?? '',
    finalVariables: Object.fromEntries(namedVariables(compiled, after)),
  };
}

/** A timer has no message; what the service logged in that case is unknown. */
function messageOf({ trigger }: EvaluatedDetector): Fields {
  if (trigger.type === 'Timer') return { messageType: 'TIMER', timerName: trigger.timerName };
  return { message: trigger.payload.text, messageType: 'CUSTOMER_MESSAGE' };
}
