import type { Evaluated } from '../../core/engine/running.ts';
import type { Observer } from '../../runtime/host.ts';

/** Activity of the detectors or alarms of one model since the server started. */
export interface ModelFigures {
  evaluations: number;
  transitions: number;
  errors: number;
  /** Milliseconds since the epoch. */
  lastEvaluation: number;
}

/** A model's figures with its evaluations in the last minute. */
export interface ShownFigures extends Readonly<ModelFigures> {
  readonly lastMinute: number;
}

interface Counted {
  readonly figures: ModelFigures;
  /** Evaluation counts at the last samples, oldest first. */
  sampled: number[];
}

/** Counts evaluations by model. */
export class FiguresByModel implements Observer {
  readonly #counted = { detector: new Map<string, Counted>(), alarm: new Map<string, Counted>() };

  readonly traces = (): boolean => false;

  keepsStates(): boolean {
    return false;
  }

  readonly observe = ({ kind, model, changedState, result }: Evaluated, now: number): void => {
    const { name } = model.compiled;
    let counted = this.#counted[kind].get(name);
    if (counted === undefined) {
      counted = { figures: { evaluations: 0, transitions: 0, errors: 0, lastEvaluation: 0 }, sampled: [0] };
      this.#counted[kind].set(name, counted);
    }
    const { figures } = counted;
    figures.evaluations++;
    figures.lastEvaluation = now;
    if (changedState) figures.transitions++;
    for (const { level } of result.problems) if (level === 'ERROR') figures.errors++;
  };

  /** Samples the counts; called every minute / `samples`. */
  sample(samples: number): void {
    for (const models of Object.values(this.#counted))
      for (const counted of models.values())
        counted.sampled = [...counted.sampled, counted.figures.evaluations].slice(-samples);
  }

  of(kind: 'detector' | 'alarm', modelName: string): ShownFigures {
    const counted = this.#counted[kind].get(modelName);
    if (counted === undefined)
      return { evaluations: 0, transitions: 0, errors: 0, lastEvaluation: 0, lastMinute: 0 };
    const { figures, sampled } = counted;
    return { ...figures, lastMinute: figures.evaluations - (sampled[0] ?? 0) };
  }
}
