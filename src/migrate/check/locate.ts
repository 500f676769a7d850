import type { ExpressionSite } from '../../core/model/analysis/expression-site.ts';
import type { Finding } from '../../core/model/analysis/index.ts';

/** The range of text in a definition that a finding is about. */
export interface Located {
  /** Relative to the definition. */
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Locates a finding precisely: an analysis names only the event or action, this finds the expression in it and the name
 * or token. Returns undefined for a finding about the whole model.
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

/** The position of a name that is not part of a longer one; -1 if there is none. */
function wordIn(text: string, name: string): number {
  const isPart = (character: string) => /[\w$]/.test(character);
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (!isPart(text.charAt(at - 1)) && !/\w/.test(text.charAt(at + name.length))) return at;
  }
  return -1;
}

/** The names quoted in a message, as expressions write them, the most specific first. */
function namesIn(message: string): string[] {
  return NAMES.flatMap((pattern) => [...message.matchAll(pattern)].map(([whole, name]) => name ?? whole));
}

const NAMES = [
  /\$(?:input|variable)(?:\.(?:[\w-]+|`[^`]*`))+/g,
  /attribute '?([^\s'\],.]+)/g,
  /(?:timer|variable|operator) '?\[?([^\s'\],.]+)/gi,
  /input '?([^\s'\],.]+)/gi,
];

/** The path of the member of an event or action that contains the expression. */
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
