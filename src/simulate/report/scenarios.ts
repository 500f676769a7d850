import type { Json } from '../../core/expression/value.ts';
import type { CoverageReport, ModelCoverage } from '../scenario/coverage.ts';
import { type FileOutcome, type ScenarioOutcome, showFailure } from './junit.ts';
import { counted, type Paint } from './text.ts';

/** Renders the results of scenarios as text. */
export function showOutcomes(files: readonly FileOutcome[], paint: Paint): string {
  const lines = files.flatMap(({ path, scenarios }) => [
    paint('bold', path),
    ...scenarios
      .filter(({ status }) => status !== 'skipped')
      .flatMap((scenario) => showScenario(scenario, paint)),
  ]);
  const all = files.flatMap(({ scenarios }) => scenarios);
  const count = (wanted: ScenarioOutcome['status']) => all.filter(({ status }) => status === wanted).length;
  const [passed, failed, skipped] = [count('passed'), count('failed'), count('skipped')];
  const parts = [
    paint(failed === 0 ? 'green' : 'dim', `${passed} passed`),
    failed === 0 ? '0 failed' : paint('red', `${failed} failed`),
    ...(skipped === 0 ? [] : [paint('dim', `${skipped} skipped`)]),
  ];
  return `${[...lines, '', `${counted(all.length, 'scenario')}: ${parts.join(', ')}`].join('\n')}\n`;
}

function showScenario({ name, status, durationMs, failures }: ScenarioOutcome, paint: Paint): string[] {
  const time = paint('dim', `(${Math.round(durationMs)} ms)`);
  if (status === 'passed') return [`  ${paint('green', 'passed')}  ${name} ${time}`];
  return [
    `  ${paint('red', 'failed')}  ${name} ${time}`,
    ...failures.map((failure) => `          ${showFailure(failure)}`),
  ];
}

/** Renders the coverage of scenarios as text. */
export function showCoverage({ percent, models }: CoverageReport, paint: Paint): string {
  const lines = models.flatMap((model) => [paint('bold', model.modelName), ...showModel(model)]);
  return `${['', ...lines, `Coverage: ${percent} %`].join('\n')}\n`;
}

function showModel({ states, transitions, events, conditions }: ModelCoverage): string[] {
  const part = (what: string, covered: number, total: number, uncovered: readonly string[]) => [
    `  ${what.padEnd(12)}${covered} of ${total}`,
    ...uncovered.map((each) => `    not reached: ${each}`),
  ];
  const place = ({ state, eventName, place: at }: { state: string; eventName: string; place: string }) =>
    `"${eventName}" of ${state} (${at})`;
  return [
    ...part('states', states.covered, states.total, states.uncovered),
    ...part('transitions', transitions.covered, transitions.total, transitions.uncovered.map(place)),
    ...part('events', events.covered, events.total, events.uncovered.map(place)),
    ...part(
      'conditions',
      conditions.covered,
      conditions.total,
      conditions.uncovered.map((each) => `${place(each)} being ${each.missing.join(' or ')}`),
    ),
  ];
}

/** The results as printed by `tripline test --json`. Undefined values are omitted from the text. */
export function outcomesDocument(files: readonly FileOutcome[]): Json {
  return files.map(({ path, scenarios }) => ({
    path,
    scenarios: scenarios.map(({ name, tags, status, durationMs, failures }) => ({
      name,
      tags,
      status,
      durationMs,
      failures: failures.map(({ step, stepName, path: at, message, expected, actual }) => ({
        step,
        ...(stepName !== undefined && { stepName }),
        path: at,
        message,
        ...(expected !== undefined && { expected }),
        ...(actual !== undefined && { actual }),
      })),
    })),
  }));
}
