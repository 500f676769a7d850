import { KINDS } from '../migrate/fit/kinds.ts';
import { type Finding, type Report, resourcesOf } from '../migrate/report.ts';
import type { Application, Applied } from './apply/apply.ts';

/** The report of an import for people. */
export function renderReport(report: Report & Partial<Application>): string {
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

function renderTarget({ type, target, usedBy }: Report['targets'][number]): string {
  return `  ${type.padEnd(15)}  ${target}  (${usedBy.join(', ')})`;
}

function renderApplied({ kind, name, result, message }: Applied): string {
  return `${result.padEnd(9)}  ${KINDS[kind].words} ${name}${message === undefined ? '' : `: ${message}`}`;
}

/** `template.yaml:12:5: WARNING unresolved in Model: …`, as compilers write it. */
export function renderFinding({ level, code, message, file, line, column, resource, type }: Finding): string {
  const where = file === undefined ? '' : line === undefined ? `${file}: ` : `${file}:${line}:${column}: `;
  const what = type === undefined ? code : `${code} (${type})`;
  const of = resource === undefined ? '' : ` in ${resource}`;
  return `${where}${level} ${what}${of}: ${message.replaceAll('\n', '\n    ')}`;
}

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

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
