import { type Finding, spanOfFinding } from '../../../src/core/model/analysis/index.ts';
import type { Mark } from '../expression/expression-editor.tsx';

/** What the analysis says about one expression: `path` is the place of its event or action, as findings have it. */
export function marksOf(findings: readonly Finding[], path: string, field: string): Mark[] {
  return findings.flatMap((finding) => {
    const span = spanOfFinding(finding);
    const isHere = span?.field === field && finding.locations.some((location) => location.path === path);
    if (!isHere) return [];
    const { level, message, detail } = finding;
    // The first line of the detail says what was expected; the rest points at the place, which the mark does.
    const [reason] = detail?.split('\n') ?? [];
    const text = reason === undefined ? message : reason;
    return [{ start: span.start, end: span.end, level, message: text }];
  });
}
