import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildRequests, NO_RECIPIENTS } from '../../src/core/action/index.ts';
import type { AlarmEffect } from '../../src/core/alarm/types.ts';
import type { InstanceCommand } from '../../src/core/engine/commands.ts';
import type { InstanceView } from '../../src/core/engine/views.ts';
import { renderJson } from '../../src/core/expression/json.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { openEmbedded } from '../../src/runtime/embedded/open.ts';
import type { Host } from '../../src/runtime/host.ts';
import { HostClock } from '../../src/runtime/host-clock.ts';
import { RuntimeMetrics } from '../../src/runtime/metrics.ts';
import { type ModelRequest, prepareModel } from '../../src/simulate/models.ts';
import { parsePayload } from '../../src/simulate/payload.ts';
import { standOf } from '../../src/simulate/session/moment.ts';
import { type Instance, Simulator } from '../../src/simulate/simulator.ts';
import { emptyImage, openMemoryStore } from '../../src/store/memory-store.ts';
import { quietLog } from '../support/quiet.ts';
import { SimulatedClock } from '../support/simulated-clock.ts';

/*
 * Plays the same random story through the simulator and the embedded host: detectors and alarms that send to other
 * detectors, operators, timers. After each step both have the same state, and every detector and alarm has acted in the
 * same way.
 *
 * No two timers of different detectors expire at the same instant, and no model gets both a message and what another
 * model makes of it: the simulator defines its own order for these (docs/decisions/022-one-slot-in-virtual-time.md).
 */

const START = 1_600_000_000_000;
const ROLE = 'arn:aws:iam::000000000000:role/Models';
const SNS = { sns: { targetArn: 'arn:aws:sns:us-east-1:000000000000:t' } };
const tell = (inputName: string, contentExpression: string) => ({
  iotEvents: { inputName, payload: { type: 'JSON' as const, contentExpression } },
});

const MODELS: readonly ModelRequest[] = [
  {
    detectorModelName: 'Pump',
    key: 'id',
    detectorModelDefinition: {
      initialStateName: 'Normal',
      states: [
        {
          stateName: 'Normal',
          onInput: {
            events: [
              {
                eventName: 'count',
                condition: 'true',
                actions: [{ setVariable: { variableName: 'n', value: '$variable.n + 1' } }],
              },
            ],
            transitionEvents: [
              {
                eventName: 'high',
                condition: '$input.Reading.v > 50',
                actions: [SNS, { setTimer: { timerName: 'calm', seconds: 7 } }],
                nextState: 'High',
              },
            ],
          },
          onEnter: {
            events: [
              {
                eventName: 'begin',
                condition: 'isUndefined($variable.n)',
                actions: [{ setVariable: { variableName: 'n', value: '0' } }],
              },
            ],
          },
        },
        {
          stateName: 'High',
          onEnter: {
            events: [
              {
                eventName: 'tell',
                actions: [
                  tell(
                    'Told',
                    `'{"line":"\${$input.Reading.line}","by":"\${$input.Reading.id}","v":\${$input.Reading.v}}'`,
                  ),
                ],
              },
            ],
          },
          onInput: {
            events: [
              {
                eventName: 'again',
                condition: 'currentInput("Reading") && $input.Reading.v > 50',
                actions: [{ resetTimer: { timerName: 'calm' } }],
              },
            ],
            transitionEvents: [
              {
                eventName: 'calm',
                condition: 'timeout("calm")',
                actions: [
                  tell('Told', `'{"line":"\${$input.Reading.line}","by":"\${$input.Reading.id}","v":0}'`),
                ],
                nextState: 'Normal',
              },
            ],
          },
        },
      ],
    },
  },
  {
    detectorModelName: 'Line',
    key: 'line',
    evaluationMethod: 'SERIAL',
    detectorModelDefinition: {
      initialStateName: 'S',
      states: [
        {
          stateName: 'S',
          onInput: {
            events: [
              {
                eventName: 'told',
                condition: 'currentInput("Told")',
                actions: [
                  { setVariable: { variableName: 'last', value: '$input.Told.v / 2.0' } },
                  { setTimer: { timerName: 'quiet', seconds: 11 } },
                ],
              },
              {
                eventName: 'quiet',
                condition: 'timeout("quiet")',
                actions: [SNS, { clearTimer: { timerName: 'quiet' } }],
              },
            ],
          },
        },
      ],
    },
  },
  {
    alarmModelName: 'Hot',
    key: 'id',
    alarmRule: {
      simpleRule: { inputProperty: '$input.Reading.v', comparisonOperator: 'GREATER', threshold: '70' },
    },
    alarmCapabilities: {
      initializationConfiguration: { disabledOnInitialization: false },
      acknowledgeFlow: { enabled: true },
    },
    alarmEventActions: { alarmActions: [SNS, { iotEvents: { inputName: 'Heard' } }] },
  },
  {
    alarmModelName: 'LineHot',
    key: 'line',
    alarmRule: {
      simpleRule: { inputProperty: '$input.Told.v', comparisonOperator: 'GREATER', threshold: '90' },
    },
    alarmEventActions: { alarmActions: [SNS] },
  },
  {
    detectorModelName: 'Operators',
    detectorModelDefinition: {
      initialStateName: 'S',
      states: [
        {
          stateName: 'S',
          onInput: {
            events: [
              {
                eventName: 'heard',
                condition: '$input.Heard.alarmModelName == "Hot" || true',
                actions: [{ setVariable: { variableName: 'heard', value: '$variable.heard + 1' } }, SNS],
              },
            ],
          },
          onEnter: {
            events: [
              { eventName: 'begin', actions: [{ setVariable: { variableName: 'heard', value: '0' } }] },
            ],
          },
        },
      ],
    },
  },
];

const INPUTS = { Reading: ['id', 'line', 'v'], Told: ['line', 'by', 'v'], Heard: ['alarmModelName'] };

/** An event after a number of whole seconds. */
interface Move {
  readonly wait: number;
  readonly what:
    | { readonly kind: 'message'; readonly messageId: string; readonly text: string }
    | { readonly kind: 'command'; readonly command: InstanceCommand };
}

const keyValue = fc.constantFrom('a', 'b', 'c');
const message = fc.record({
  kind: fc.constant('message' as const),
  // Some ids repeat.
  messageId: fc.nat(60).map((n) => `m${n}`),
  text: fc
    .record({
      id: fc.oneof({ weight: 20, arbitrary: keyValue }, fc.constantFrom('no key', 7, null)),
      line: fc.constantFrom('north', 'south'),
      v: fc.constantFrom('10', '51', '60.0', '71', '80.5', '95', '"hot"', 'null'),
    })
    .map(({ id, line, v }) => `{"id":${JSON.stringify(id)},"line":"${line}","v":${v}}`),
});
const actionName = fc.constantFrom('ACKNOWLEDGE', 'RESET', 'ENABLE', 'DISABLE' as const);
const command = fc
  .oneof(
    fc.record({
      type: fc.constant('OperateAlarm' as const),
      modelName: fc.constant('Hot'),
      keyValue,
      action: fc.oneof(
        fc.record({ actionName }),
        fc.record({ actionName: fc.constant('SNOOZE' as const), snoozeDuration: fc.constantFrom(13, 29) }),
      ),
    }),
    fc.record({ type: fc.constant('DeleteDetector' as const), modelName: fc.constant('Pump'), keyValue }),
    fc.record({
      type: fc.constant('SetDetectorState' as const),
      modelName: fc.constant('Pump'),
      keyValue,
      state: fc.record({
        stateName: fc.constantFrom('Normal', 'High'),
        variables: fc.constant([{ name: 'n', value: '5' }]),
        timers: fc.constantFrom([], [{ name: 'calm', seconds: 5 }]),
      }),
    }),
  )
  .map((command) => ({ kind: 'command' as const, command }));
const moves: fc.Arbitrary<readonly Move[]> = fc.array(
  fc.record({
    wait: fc.constantFrom(0, 0, 1, 2, 3, 5, 8, 40),
    what: fc.oneof({ weight: 5, arbitrary: message }, command),
  }),
  { minLength: 10, maxLength: 40 },
);

/** The state of a detector or an alarm on both sides. */
interface Stand {
  readonly state: string;
  readonly variables: readonly string[];
  readonly timers: readonly string[];
}
interface Picture {
  readonly stands: Readonly<Record<string, Stand>>;
  /** Actions by detector or alarm. */
  readonly acted: Readonly<Record<string, readonly string[]>>;
  readonly refused: boolean;
}

/** Its name, its requests, and their time. The evaluation number is excluded: a server counts over all its models. */
function shown(effect: AlarmEffect): string {
  const requests = buildRequests(effect, NO_RECIPIENTS).map(({ result }) => result);
  return JSON.stringify([effect.type, effect.eventName, effect.eventTime, requests]).replace(
    /[0-9a-f]{8}-[0-9a-f-]{27}/g,
    'id',
  );
}

const nameOf = (modelName: string, key: string | undefined) => `${modelName} ${key ?? ''}`;

class Acted {
  all: Record<string, string[]> = {};

  add(modelName: string, key: string | undefined, effects: readonly AlarmEffect[]): void {
    if (effects.length === 0) return;
    const name = nameOf(modelName, key);
    this.all[name] = [...(this.all[name] ?? []), ...effects.map(shown)];
  }
}

class InSimulator {
  readonly #acted = new Acted();
  readonly #simulator: Simulator;
  #refused = false;

  constructor() {
    const models = MODELS.map((request) => {
      const prepared = prepareModel(request);
      if (!prepared.ok) throw new Error(JSON.stringify(prepared.problems));
      return prepared.model;
    });
    this.#simulator = new Simulator({
      models,
      start: START,
      trace: false,
      onEvaluation: ({ model, keyValue: key, effects }) => this.#acted.add(model.compiled.name, key, effects),
      onRejection: ({ reason, isCaused }) => {
        // A server reports a duplicate as accepted.
        if (!isCaused && reason !== 'DUPLICATE') this.#refused = true;
      },
    });
  }

  do({ what }: Move, time: number): Picture {
    this.#refused = false;
    this.#simulator.advanceTo(time);
    if (what.kind === 'message')
      this.#simulator.put({ inputName: 'Reading', messageId: what.messageId, payload: what.text });
    else this.#command(what.command);
    return this.picture();
  }

  picture(): Picture {
    const stands = Object.fromEntries(
      [...this.#simulator.instances()].map((each) => [
        nameOf(each.model.compiled.name, each.keyValue),
        standIn(each),
      ]),
    );
    return { stands, acted: this.#acted.all, refused: this.#refused };
  }

  end(time: number): Picture {
    this.#refused = false;
    this.#simulator.advanceTo(time);
    return this.picture();
  }

  #command(command: InstanceCommand): void {
    const { modelName, keyValue: key } = command;
    if (command.type === 'OperateAlarm')
      this.#simulator.operate({ alarmModelName: modelName, keyValue: key, action: command.action });
    else {
      const [model] = this.#simulator.models.filter(({ compiled }) => compiled.name === modelName);
      // A scenario may set the state of a missing detector, which a server refuses.
      if (model === undefined || this.#simulator.find(model, key) === undefined) this.#refused = true;
      else if (command.type === 'DeleteDetector') this.#refused = !this.#simulator.delete(model, key);
      else this.#refused = this.#simulator.setDetector(model, key, command.state) !== undefined;
    }
  }
}

function standIn(instance: Instance): Stand {
  const { state, variables, timers } = standOf(instance);
  return {
    state,
    variables: variables.map(([name, value]) => `${name}=${renderJson(value)}`).sort(),
    timers: timers.map(({ name, expiresAt }) => `${name} ${expiresAt - START}`),
  };
}

class InHost {
  readonly #acted = new Acted();
  readonly #clock = new SimulatedClock(START);
  #host!: Host;
  #close!: () => Promise<void>;

  static async open(): Promise<InHost> {
    const self = new InHost();
    const embedded = await openEmbedded(openMemoryStore(emptyImage()), {
      clock: new HostClock({ machine: self.#clock, log: quietLog }),
      limits: DEFAULT_LIMITS,
      log: quietLog,
      metrics: new RuntimeMetrics(),
      notifications: NO_RECIPIENTS,
      senders: undefined,
      random: () => 0.5,
    });
    const { host } = embedded;
    self.#host = host;
    self.#close = () => embedded.close();
    host.observe({
      observe: ({ model, keyValue: key, result }) =>
        self.#acted.add(model.compiled.name, key, result.effects),
    });
    embedded.start();
    for (const [inputName, attributes] of Object.entries(INPUTS)) {
      const inputDefinition = { attributes: attributes.map((jsonPath) => ({ jsonPath })) };
      await host.define('createInput', { inputName, inputDefinition });
    }
    for (const model of MODELS) {
      if ('alarmModelName' in model) await host.define('createAlarmModel', { ...model, roleArn: ROLE });
      else await host.define('createDetectorModel', { ...model, roleArn: ROLE });
    }
    return self;
  }

  async do({ what }: Move, time: number): Promise<Picture> {
    await this.#clock.advance(time, this.#settle);
    const [outcome] =
      what.kind === 'command'
        ? await this.#host.command([what.command])
        : await this.#host.put([
            { inputName: 'Reading', messageId: what.messageId, payload: payloadIn(what.text) },
          ]);
    await this.#settle();
    return this.#picture(outcome !== undefined);
  }

  async end(time: number): Promise<Picture> {
    await this.#clock.advance(time, this.#settle);
    return this.#picture(false);
  }

  close = () => this.#close();

  async #picture(refused: boolean): Promise<Picture> {
    const stands: Record<string, Stand> = {};
    for (const model of MODELS) {
      const name =
        'alarmModelName' in model
          ? ({ kind: 'alarm', modelName: model.alarmModelName } as const)
          : ({ kind: 'detector', modelName: model.detectorModelName } as const);
      const { items } = await this.#host.list({ ...name, maxResults: 100 });
      for (const { modelName, keyValue } of items) {
        const view = await this.#host.describe({ ...name, ...(keyValue !== undefined && { keyValue }) });
        stands[nameOf(modelName, keyValue)] = standOfView(view);
      }
    }
    return { stands, acted: this.#acted.all, refused };
  }

  /**
   * Waits until nothing is pending: a call is answered after everything that waits, and messages sent on are pending
   * actions.
   */
  readonly #settle = async () => {
    for (let quiet = 0; quiet < 3; ) {
      await this.#host.catalog();
      const { pendingActions } = this.#host.figures();
      const isQuiet = [...pendingActions.values()].every((count) => count === 0);
      quiet = isQuiet ? quiet + 1 : 0;
    }
  };
}

function standOfView(view: InstanceView): Stand {
  const variables = view.kind === 'detector' ? view.variables : [];
  return {
    state: view.stateName,
    variables: variables.map(({ name, value }) => `${name}=${value}`).sort(),
    timers: view.timers
      .filter(({ status }) => status === 'RUNNING')
      .map(({ name, expiresAt }) => `${name} ${expiresAt - START}`),
  };
}

function payloadIn(text: string) {
  const payload = parsePayload(text);
  if (typeof payload === 'string') throw new Error(payload);
  return payload;
}

test('a story comes out in the simulator as it does in the host of a server', async () => {
  let acted = 0;
  await fc.assert(
    fc.asyncProperty(moves, async (story) => {
      const simulator = new InSimulator();
      const host = await InHost.open();
      try {
        let time = START;
        for (const [index, move] of story.entries()) {
          // Each at a different millisecond, so that no two timers expire together.
          time = time - (time % 1000) + move.wait * 1000 + index + 1;
          expect(simulator.do(move, time), `move ${index + 1}`).toEqual(await host.do(move, time));
        }
        const end = simulator.end(time + 60_000);
        expect(end, 'the end').toEqual(await host.end(time + 60_000));
        acted += Object.values(end.acted).flat().length;
      } finally {
        await host.close();
      }
    }),
    { numRuns: 40 },
  );
  // Stories without actions would prove little.
  expect(acted).toBeGreaterThan(100);
}, 60_000);
