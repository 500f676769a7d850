import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { DetectorModelDefinition, EvaluationMethod } from '../../src/core/model/definition.ts';

/** Published material next to the repository, if it exists; otherwise tests are skipped with a message. */
export const SHARED = new URL('../../../shared/', import.meta.url);
export const CORPUS_MISSING = !existsSync(new URL('corpus/models/', SHARED));
export const DATA_MISSING = !existsSync(new URL('data/machine_temperature.csv', SHARED));

export interface CorpusModel {
  readonly file: string;
  readonly request: {
    readonly detectorModelName: string;
    readonly detectorModelDefinition: DetectorModelDefinition;
    readonly detectorModelDescription?: string;
    readonly key?: string;
    readonly roleArn: string;
    readonly evaluationMethod?: EvaluationMethod;
  };
}

/** Every published model as a CreateDetectorModel request, its placeholders filled in. */
export function loadModels(): CorpusModel[] {
  const folder = new URL('corpus/models/', SHARED);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((file) => {
      const text = readFileSync(new URL(file, folder), 'utf8').replace(
        /<<?[A-Za-z]+:?([A-Za-z_]+)>?>/g,
        '$1',
      );
      const model = JSON.parse(text);
      const named = typeof model.detectorModelName === 'string' ? model.detectorModelName : '';
      return {
        file,
        request: {
          detectorModelName: named.replace(/[^a-zA-Z0-9_-]/g, '-') || 'Unnamed',
          detectorModelDefinition: model.detectorModelDefinition,
          ...(model.detectorModelDescription && { detectorModelDescription: model.detectorModelDescription }),
          ...(model.key && { key: model.key }),
          roleArn: 'arn:aws:iam::000000000000:role/Corpus',
          ...(model.evaluationMethod && { evaluationMethod: model.evaluationMethod }),
        },
      };
    });
}

/** Input names referenced by any expression of the model. */
export function inputsOf({ request }: CorpusModel): string[] {
  const text = JSON.stringify(request.detectorModelDefinition);
  const named = [
    ...text.matchAll(/\$input\.`?([A-Za-z][A-Za-z0-9_]*)|currentInput\(\\?["']([A-Za-z0-9_]+)/g),
  ];
  return [...new Set(named.map((match) => match[1] ?? match[2] ?? ''))];
}
