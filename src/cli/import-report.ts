import { excerptOf } from '../migrate/excerpt.ts';
import { placeOfFinding } from '../migrate/findings.ts';
import { KINDS } from '../migrate/fit/kinds.ts';
import { type Finding, type Report, resourcesOf } from '../migrate/report.ts';
import type { Application, Applied } from './apply/apply.ts';
import type { CheckedTarget } from './target-access.ts';

/** The report of an import for people. */
export function renderReport(
  report: Report & Partial<Application> & { readonly targets: readonly CheckedTarget[] },
): string {
  const { files, findings, targets, applied = [] } = report;
  const resources = resourcesOf(report);
  const lines = resources.map(({ kind, name, source }) => {
    const from = source.resource === undefined ? source.file : `${source.file} (${source.resource})`;
    return `${KINDS[kind].words.padEnd(14)}  ${name}  from ${from}`;
  });
  const sections = [
    lines,
    targets.length === 0 ? [] : ['Targets of the actions:', ...targets.map(renderTarget)],
    findings.map(renderFinding),
    applied.map(renderApplied),
    [summary(files.length, resources.length, findings)],
  ];
  return sections
    .filter((section) => section.length > 0)
    .map((section) => section.join('\n'))
    .join('\n\n');
}

function renderTarget({ type, target, usedBy, access }: CheckedTarget): string {
  const reached = access === undefined ? '' : `: ${access.status} (${access.detail})`;
  return `  ${type.padEnd(15)}  ${target}  (${usedBy.join(', ')})${reached}`;
}

function renderApplied({ kind, name, result, message }: Applied): string {
  return `${result.padEnd(9)}  ${KINDS[kind].words} ${name}${message === undefined ? '' : `: ${message}`}`;
}

/** `template.yaml:12:5: WARNING unresolved in Model: …`, as compilers write it, and the line with carets below it. */
export function renderFinding(finding: Finding): string {
  const { level, code, message, file, line, column, resource, type, path } = finding;
  const where = file === undefined ? '' : line === undefined ? `${file}: ` : `${file}:${line}:${column}: `;
  const of = resource === undefined ? '' : ` in ${resource}`;
  const at = type === undefined || path === undefined ? '' : `, ${path}`;
  // A finding about a model as a whole has no useful position.
  const isPlaced = WITH_EXCERPT.has(code) && (code === 'syntax' || path !== undefined);
  const place = isPlaced ? placeOfFinding(finding) : undefined;
  // An analysis shows the expression alone: the line of the file shows more.
  const text = place === undefined ? message : message.replace(/\n[^\n]*\n\s*\^+$/, '');
  const lines = [`${where}${level} ${type ?? code}${of}${at}: ${text}`, ...(place ? [excerptOf(place)] : [])];
  return lines.join('\n').replaceAll('\n', '\n    ');
}

/** Findings about the text at that position, not about something else. */
const WITH_EXCERPT: ReadonlySet<Finding['code']> = new Set([
  ...(['syntax', 'invalid', 'analysis', 'unknown-member'] as const),
]);

function summary(files: number, resources: number, findings: readonly Finding[]): string {
  const count = (wanted: Finding['level']) => findings.filter(({ level }) => level === wanted).length;
  const counts = [
    counted(resources, 'resource'),
    `from ${counted(files, 'file')}:`,
    `${counted(count('ERROR'), 'error')},`,
    counted(count('WARNING'), 'warning'),
  ];
  return counts.join(' ');
}

export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
