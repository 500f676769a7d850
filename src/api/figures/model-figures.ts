import type { Evaluated } from '../../core/engine/running.ts';
import type { Observer } from '../../runtime/host.ts';

/** What has happened in the detectors or alarms of one model since the server started. */
export interface ModelFigures {
  evaluations: number;
  transitions: number;
  errors: number;
  /** Milliseconds since the epoch. */
  lastEvaluation: number;
}

/** Counts evaluations by model. */
export class FiguresByModel implements Observer {
  readonly #figures = { detector: new Map<string, ModelFigures>(), alarm: new Map<string, ModelFigures>() };

  readonly traces = (): boolean => false;

  keepsStates(): boolean {
    return false;
  }

  readonly observe = ({ kind, model, changedState, result }: Evaluated, now: number): void => {
    const { name } = model.compiled;
    let figures = this.#figures[kind].get(name);
    if (figures === undefined) {
      figures = { evaluations: 0, transitions: 0, errors: 0, lastEvaluation: 0 };
      this.#figures[kind].set(name, figures);
    }
    figures.evaluations++;
    figures.lastEvaluation = now;
    if (changedState) figures.transitions++;
    for (const { level } of result.problems) if (level === 'ERROR') figures.errors++;
  };

  of(kind: 'detector' | 'alarm', modelName: string): ModelFigures {
    const none = { evaluations: 0, transitions: 0, errors: 0, lastEvaluation: 0 };
    return this.#figures[kind].get(modelName) ?? none;
  }
}
