import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { complete, type Option } from './complete.ts';
import type { Names } from './names.ts';

/** What CodeMirror completes an expression with; `names` are asked for each time. */
export function expressionSource(names: () => Names) {
  return ({ state, pos, explicit }: CompletionContext): CompletionResult | null =>
    resultOf(state.sliceDoc(0, pos), 0, names(), explicit, (text) => text);
}

/** The members of a definition that are expressions. */
const MEMBERS =
  /"(?:condition|value|durationExpression|contentExpression|mqttTopic)"\s*:\s*"((?:[^"\\]|\\.)*)$/;

/** The same within the JSON text of a definition. */
export function jsonSource(names: () => Names) {
  return ({ state, pos, explicit }: CompletionContext): CompletionResult | null => {
    const line = state.doc.lineAt(pos);
    const written = MEMBERS.exec(state.sliceDoc(line.from, pos))?.[1];
    const before = written === undefined ? undefined : unescaped(written);
    if (before === undefined) return null;
    return resultOf(before, pos - before.length, names(), explicit, (text) =>
      JSON.stringify(text).slice(1, -1),
    );
  };
}

/** `offset` is where the text would begin if nothing in it were escaped: what an option replaces never is. */
function resultOf(
  before: string,
  offset: number,
  names: Names,
  isAsked: boolean,
  write: (text: string) => string,
): CompletionResult | null {
  const found = complete(before, names, isAsked);
  if (found === undefined || found.options.length === 0) return null;
  return {
    from: offset + found.from,
    options: found.options.map((option) => completionOf(option, write)),
    // What comes behind a dot is another question.
    validFor: /^[$\w]*$/,
  };
}

function completionOf({ label, apply, kind, detail, info }: Option, write: (text: string) => string) {
  return {
    label,
    type: kind,
    apply: write(apply ?? label),
    ...(detail !== undefined && { detail }),
    ...(info !== undefined && { info }),
  };
}

function unescaped(written: string): string | undefined {
  try {
    return JSON.parse(`"${written}"`) as string;
  } catch {
    // An escape that is half written.
    return undefined;
  }
}

/** Whether something has to follow what was taken: a name in quotes, or the rest of a reference. */
export function leadsOn({ apply }: Completion): boolean {
  return typeof apply === 'string' && /["(.]$/.test(apply);
}
