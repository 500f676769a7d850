import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseScenarioFile } from '../files/scenario-file.ts';
import { type DetectorModelRequest, prepareModel, type SimulatedModel } from '../models.ts';
import { runScenario } from '../scenario/run.ts';
import { standsAt } from './moment.ts';
import { scenarioText } from './scenario-of.ts';
import { Session } from './session.ts';

const EXAMPLES = new URL('../../../examples/pump-station/', import.meta.url);
const START = Date.parse('2026-03-01T08:00:00Z');
const pressure = modelOf('pump-pressure.json');
const heartbeat = modelOf('pump-heartbeat.json');

function modelOf(file: string): SimulatedModel {
  const request = JSON.parse(readFileSync(new URL(file, EXAMPLES), 'utf8')) as DetectorModelRequest;
  const prepared = prepareModel(request);
  if (!prepared.ok) throw new Error(JSON.stringify(prepared.problems));
  return prepared.model;
}

const reading = (pumpId: string, value: number) => JSON.stringify({ pumpId, sensor: { pressure: value } });

/** What stands at each moment, without what only identifies it. */
function outline({ moments }: Session): string[] {
  return moments.map((moment) => {
    const at = (moment.time - START) / 1000;
    if (moment.kind === 'rejection') return `${at} rejected ${moment.rejection.reason}`;
    if (moment.kind !== 'evaluation') return `${at} ${moment.kind}`;
    const { after, evaluation } = moment;
    const cause = evaluation.trigger.type === 'Timer' ? evaluation.trigger.timerName : 'message';
    return `${at} ${cause} ${after.keyValue} ${after.state} ${JSON.stringify([after.variables, after.timers])}`;
  });
}

describe('a session', () => {
  test('keeps where each detector stood, at every moment', () => {
    const session = new Session([pressure], START);
    session.send('PumpPressure', reading('a', 7));
    session.send('PumpPressure', reading('b', 7.5));
    session.advanceTo(START + 1000);
    session.send('PumpPressure', reading('a', 9.5));
    const stateAt = (index: number) =>
      [...standsAt(session.moments, index)].map(([key, { state }]) => [key, state]);
    expect(stateAt(0)).toEqual([]);
    expect(stateAt(2)).toEqual([
      ['a', 'Normal'],
      ['b', 'Normal'],
    ]);
    expect(stateAt(4)).toEqual([
      ['a', 'Overpressure'],
      ['b', 'Normal'],
    ]);
    const last = session.moments.at(-1);
    expect(last?.kind === 'evaluation' && last.evaluation.trace?.conditions[0]).toMatchObject({
      result: 'True',
      reads: [{ reference: '$input.PumpPressure.sensor.pressure', value: 9.5 }],
    });
  });

  test('takes a clock that goes on in pieces as one move', () => {
    const session = new Session([pressure], START);
    for (const seconds of [1, 2, 3]) session.advanceTo(START + seconds * 1000);
    expect(session.moves).toEqual([{ kind: 'advance', to: START + 3000 }]);
    expect(outline(session)).toEqual(['0 start', '3 clock']);
  });

  test('stops where it keeps as much as it may', () => {
    const session = new Session([heartbeat], START, 4);
    session.send('PumpPressure', reading('a', 1));
    session.send('PumpPressure', reading('b', 1));
    session.advanceTo(START + 86_400_000);
    session.send('PumpPressure', reading('c', 1));
    expect(session.isFull).toBe(true);
    expect(session.time).toBeLessThan(START + 86_400_000);
    expect(session.moments.some(({ kind }) => kind === 'rejection')).toBe(false);
    expect(outline(session).join()).not.toContain('message c');
  });
});

const moves = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('send' as const),
      text: fc.oneof(
        fc
          .tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 60, max: 100 }))
          .map(([id, tenths]) => reading(id, tenths / 10)),
        fc.constantFrom('{"pumpId":"a","sensor":{}}', '{}', 'no JSON', '[1]'),
      ),
    }),
    fc.record({ kind: fc.constant('advance' as const), seconds: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ kind: fc.constant('next' as const) }),
  ),
  { maxLength: 12 },
);

function play(session: Session, given: typeof moves extends fc.Arbitrary<infer T> ? T : never): void {
  for (const move of given) {
    if (move.kind === 'send') session.send('PumpPressure', move.text);
    else if (move.kind === 'next') session.fireNext();
    else session.advanceTo(session.time + move.seconds * 1000);
  }
}

describe.each([
  ['pump-pressure.json', pressure],
  ['pump-heartbeat.json', heartbeat],
])('any session with %s', (file, model) => {
  test('goes back to any of its moments', () => {
    fc.assert(
      fc.property(moves, fc.nat(30), (given, chosen) => {
        const session = new Session([model], START);
        play(session, given);
        const before = outline(session);
        const index = chosen % before.length;
        session.backTo(index);
        const after = outline(session);
        // A message that is for several is taken back as a whole.
        expect(after.slice(0, index + 1)).toEqual(before.slice(0, index + 1));
        expect(before.slice(0, after.length)).toEqual(after);
      }),
      { numRuns: 100 },
    );
  });

  test('is a scenario that passes, and fails when something in it is changed', () => {
    fc.assert(
      fc.property(moves, (given) => {
        const session = new Session([model], START);
        play(session, given);
        const { start, moves: made } = session;
        const text = scenarioText({ name: 'Saved', models: [model], modelPaths: [file], start, moves: made });
        const { scenarios } = parseScenarioFile('saved.scenario.json', text);
        expect(scenarios.flatMap((scenario) => runScenario(scenario, [model]))).toEqual([]);
        const changed = text.replaceAll('"state":"', '"state":"Not ');
        if (changed === text) return;
        const [other] = parseScenarioFile('saved.scenario.json', changed).scenarios;
        expect(other && runScenario(other, [model])).not.toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
