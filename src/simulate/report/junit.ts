import type { Failure } from '../scenario/types.ts';

/** The results of the scenarios of one file. */
export interface FileOutcome {
  readonly path: string;
  readonly scenarios: readonly ScenarioOutcome[];
}

export interface ScenarioOutcome {
  readonly name: string;
  readonly tags: readonly string[];
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly durationMs: number;
  readonly failures: readonly Failure[];
}

/** Renders the results as JUnit XML for continuous integration. */
export function junitXml(files: readonly FileOutcome[]): string {
  const all = files.flatMap(({ scenarios }) => scenarios);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts(all)}>`,
    ...files.flatMap(({ path, scenarios }) => [
      `  <testsuite name="${escapeXml(path)}" ${counts(scenarios)}>`,
      ...scenarios.flatMap((scenario) => testCase(path, scenario)),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(path: string, { name, status, durationMs, failures }: ScenarioOutcome): string[] {
  const head = `    <testcase name="${escapeXml(name)}" classname="${escapeXml(path)}" time="${seconds(durationMs)}"`;
  if (status === 'passed') return [`${head}/>`];
  if (status === 'skipped') return [`${head}>`, '      <skipped/>', '    </testcase>'];
  const text = failures.map(showFailure).join('\n');
  const message = escapeXml(failures[0] === undefined ? '' : showFailure(failures[0]));
  return [`${head}>`, `      <failure message="${message}">${escapeXml(text)}</failure>`, '    </testcase>'];
}

/** `step 3 (restored), expect.state: expected "Normal", found "High"` */
export function showFailure({ step, stepName, path, message }: Failure): string {
  return `step ${step}${stepName === undefined ? '' : ` (${stepName})`}, ${path}: ${message}`;
}

function counts(scenarios: readonly ScenarioOutcome[]): string {
  const count = (wanted: ScenarioOutcome['status']) =>
    scenarios.filter(({ status }) => status === wanted).length;
  const time = scenarios.reduce((total, { durationMs }) => total + durationMs, 0);
  return `tests="${scenarios.length}" failures="${count('failed')}" skipped="${count('skipped')}" time="${seconds(time)}"`;
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
};

/** Escapes text for XML 1.0, which does not allow control characters. */
function escapeXml(text: string): string {
  return text
    .replaceAll(/[&<>"\n\r\t]/g, (character) => ENTITIES[character] ?? '')
    .replaceAll(/[^\x20-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD');
}
