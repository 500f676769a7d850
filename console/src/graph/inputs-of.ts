import type { DetectorModelDefinition } from '../../../src/core/model/definition.ts';

/** The inputs that a definition's expressions name. */
export function inputsOf(definition: DetectorModelDefinition): string[] {
  const text = JSON.stringify(definition);
  const found = text.matchAll(/\$input\.`?([a-zA-Z]\w*)|currentInput\s*\(\s*\\?["']([a-zA-Z]\w*)/g);
  return [...new Set([...found].map(([, read, current]) => read ?? current ?? ''))].sort();
}
