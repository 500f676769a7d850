import { type Diagnostic, error } from './finding.ts';

/** `$sitewise` belongs to alarm models (reference: expressions 6). */
export const sitewiseReference: Diagnostic = ({ expressions }) =>
  expressions.flatMap(({ path, text, eventName, references }) => {
    if (!references.some(({ kind }) => kind === 'sitewise')) return [];
    const message = `Failed to parse expression '${text}' for ${eventName}`;
    return [error('expression-syntax', path, message, '$sitewise can only be used in alarm models')];
  });
