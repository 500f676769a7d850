import type { ExpressionSite } from '../../core/model/analysis/expression-site.ts';
import type { Finding } from '../../core/model/analysis/index.ts';

/** The text of a definition that a finding is about: its path, and the character in it. */
export interface Located {
  /** Relative to the definition. */
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Where exactly a finding is: an analysis names the event or the action, this the expression in it and the name or the
 * token. Undefined when the finding is about the model as a whole.
 */
export function locate(
  { type, message, locations }: Finding,
  sites: readonly ExpressionSite[],
): Located | undefined {
  const path = locations[0]?.path;
  if (path === undefined) return undefined;
  const around = sites.filter((site) => site.path === path);
  const broken = around.find(({ result }) => !result.ok);
  if (type === 'expression-syntax' && broken !== undefined && !broken.result.ok) {
    const { start, end } = broken.result.error;
    return { path: pathOf(broken), start, end };
  }
  for (const site of around) {
    for (const name of namesIn(message)) {
      const start = wordIn(site.text, name);
      if (start >= 0) return { path: pathOf(site), start, end: start + name.length };
    }
  }
  return { path, start: 0, end: 0 };
}

/** Where a name stands by itself, not as a part of another one; -1 when it does not. */
function wordIn(text: string, name: string): number {
  const isPart = (character: string) => /[\w$]/.test(character);
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (!isPart(text.charAt(at - 1)) && !/\w/.test(text.charAt(at + name.length))) return at;
  }
  return -1;
}

/** What a message names, as an expression has it: the narrowest first. */
function namesIn(message: string): string[] {
  return NAMES.flatMap((pattern) => [...message.matchAll(pattern)].map(([whole, name]) => name ?? whole));
}

const NAMES = [
  /\$(?:input|variable)(?:\.(?:[\w-]+|`[^`]*`))+/g,
  /attribute '?([^\s'\],.]+)/g,
  /(?:timer|variable|operator) '?\[?([^\s'\],.]+)/gi,
  /input '?([^\s'\],.]+)/gi,
];

/** The member of the event or the action that holds the expression. */
export function pathOf({ path, role, action, field }: ExpressionSite): string {
  switch (role) {
    case 'condition':
      return `${path}.condition`;
    case 'value':
    case 'durationExpression':
    case 'parameter':
      return `${path}.${action}.${field}`;
    case 'contentExpression':
      return `${path}.${action}.payload.contentExpression`;
  }
}
