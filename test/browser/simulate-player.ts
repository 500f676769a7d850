import { type Located, readJsonText, readNdjsonLine } from '../../src/simulate/messages/text.ts';
import { type ModelRequest, prepareModel } from '../../src/simulate/models.ts';
import { parsePayload } from '../../src/simulate/payload.ts';
import { requestsOf } from '../../src/simulate/records.ts';
import { readScenarioFile } from '../../src/simulate/scenario/read.ts';
import { runScenario } from '../../src/simulate/scenario/run.ts';
import { scenarioText } from '../../src/simulate/session/scenario-of.ts';
import { Session } from '../../src/simulate/session/session.ts';

/* Plays a file of messages like the console's simulator, bundled and run without Node. */

const START = 1_600_000_000_000;

/**
 * The states and requests resulting from the messages, and the failures of the scenario generated from them; as JSON
 * text.
 */
export function playMessages(model: string, file: string, inputName: string): string {
  const prepared = prepareModel(JSON.parse(model) as ModelRequest);
  if (!prepared.ok) return JSON.stringify(prepared.problems);
  const models = [prepared.model];
  const session = new Session(models, START);
  for (const payload of payloads(file)) {
    session.send(inputName, payload);
    session.advanceTo(session.time + 1000);
  }
  const states = session.moments.flatMap((moment) =>
    moment.kind === 'evaluation' ? [moment.after.state] : [],
  );
  const services = session.moments.flatMap((moment) =>
    moment.kind === 'evaluation'
      ? moment.evaluation.effects.flatMap(requestsOf).map(({ request }) => request?.service)
      : [],
  );
  const { start, moves } = session;
  const saved = parsePayload(
    scenarioText({ name: 'Saved', models, modelPaths: ['model.json'], start, moves }),
  );
  if (typeof saved === 'string') return saved;
  const { file: read, faults } = readScenarioFile(saved.value as Parameters<typeof readScenarioFile>[0]);
  const failures = read.scenarios.flatMap((scenario) => runScenario(scenario, models));
  return JSON.stringify({ states, services, faults, failures, steps: read.scenarios[0]?.steps.length });
}

function payloads(file: string): string[] {
  const located: (Located | undefined)[] = file.startsWith('{"messages"')
    ? readJsonText(file, undefined)
    : file.split('\n').map((line, index) => readNdjsonLine(line, index + 1, undefined));
  return located.flatMap((each) => {
    if (!each?.result.ok || each.result.element.kind !== 'message') return [];
    const { payload } = each.result.element;
    return [typeof payload === 'string' ? payload : payload.text];
  });
}
