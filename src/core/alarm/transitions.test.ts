import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../limits.ts';
import { compileAlarmModel } from './compile.ts';
import { step } from './step.ts';
import { ALARM_STATES, type Alarm, type AlarmStateName, type AlarmTrigger } from './types.ts';

/**
 * Every combination of state, trigger and acknowledge flow (reference: alarms 2.1). `-`: nothing changes. `refused`: an
 * operator's action that the state does not allow; nothing changes and it is reported.
 */
const TABLE = `
state            trigger      flow off          flow on
DISABLED         breached     -                 -
DISABLED         within       -                 -
DISABLED         acknowledge  refused           refused
DISABLED         reset        refused           refused
DISABLED         enable       NORMAL            NORMAL
DISABLED         disable      refused           refused
DISABLED         snooze       refused           refused
NORMAL           breached     ACTIVE            ACTIVE
NORMAL           within       -                 -
NORMAL           acknowledge  refused           refused
NORMAL           reset        refused           refused
NORMAL           enable       refused           refused
NORMAL           disable      DISABLED          DISABLED
NORMAL           snooze       SNOOZE_DISABLED   SNOOZE_DISABLED
ACTIVE           breached     -                 -
ACTIVE           within       NORMAL            LATCHED
ACTIVE           acknowledge  refused           ACKNOWLEDGED
ACTIVE           reset        NORMAL            NORMAL
ACTIVE           enable       refused           refused
ACTIVE           disable      DISABLED          DISABLED
ACTIVE           snooze       SNOOZE_DISABLED   SNOOZE_DISABLED
ACKNOWLEDGED     breached     -                 -
ACKNOWLEDGED     within       NORMAL            NORMAL
ACKNOWLEDGED     acknowledge  refused           refused
ACKNOWLEDGED     reset        NORMAL            NORMAL
ACKNOWLEDGED     enable       refused           refused
ACKNOWLEDGED     disable      DISABLED          DISABLED
ACKNOWLEDGED     snooze       SNOOZE_DISABLED   SNOOZE_DISABLED
LATCHED          breached     ACTIVE            ACTIVE
LATCHED          within       -                 -
LATCHED          acknowledge  NORMAL            NORMAL
LATCHED          reset        NORMAL            NORMAL
LATCHED          enable       refused           refused
LATCHED          disable      DISABLED          DISABLED
LATCHED          snooze       SNOOZE_DISABLED   SNOOZE_DISABLED
SNOOZE_DISABLED  breached     -                 -
SNOOZE_DISABLED  within       -                 -
SNOOZE_DISABLED  acknowledge  refused           refused
SNOOZE_DISABLED  reset        refused           refused
SNOOZE_DISABLED  enable       NORMAL            NORMAL
SNOOZE_DISABLED  disable      DISABLED          DISABLED
SNOOZE_DISABLED  snooze       refused           refused
SNOOZE_DISABLED  timeout      NORMAL            NORMAL
`;

const rows = TABLE.trim()
  .split('\n')
  .slice(1)
  .flatMap((line) => {
    const [state = '', trigger = '', off = '', on = ''] = line.split(/\s+/);
    return [
      { state: state as AlarmStateName, trigger, flow: false, expected: off },
      { state: state as AlarmStateName, trigger, flow: true, expected: on },
    ];
  });

const message = (value: number): AlarmTrigger => {
  const payload = { text: `{"t":${value}}`, value: { t: value } };
  return { type: 'Message', input: 0, messageId: 'm', payload };
};

const TRIGGERS: Readonly<Record<string, AlarmTrigger>> = {
  breached: message(31),
  within: message(29),
  acknowledge: { type: 'CustomerAction', action: { actionName: 'ACKNOWLEDGE', note: 'seen' } },
  reset: { type: 'CustomerAction', action: { actionName: 'RESET' } },
  enable: { type: 'CustomerAction', action: { actionName: 'ENABLE' } },
  disable: { type: 'CustomerAction', action: { actionName: 'DISABLE' } },
  snooze: { type: 'CustomerAction', action: { actionName: 'SNOOZE', snoozeDuration: 60 } },
  timeout: { type: 'Timer', timerName: 'snooze' },
};

function modelOf(flow: boolean) {
  const compiled = compileAlarmModel({
    alarmModelName: 'A',
    alarmModelVersion: '1',
    alarmRule: {
      simpleRule: { inputProperty: '$input.I.t', comparisonOperator: 'GREATER', threshold: '30' },
    },
    alarmEventActions: { alarmActions: [{ sns: { targetArn: 'topic' } }] },
    alarmCapabilities: { acknowledgeFlow: { enabled: flow } },
  });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.model;
}

function alarmIn(state: AlarmStateName): Alarm {
  const timer = {
    name: 'snooze',
    place: -1,
    expiresAt: 61_000,
    duration: 60,
    status: 'RUNNING' as const,
  };
  return {
    keyValue: undefined,
    state,
    ruleEvaluation: undefined,
    // Left over from an earlier change of state; a new change replaces both.
    customerAction: { actionName: 'RESET', note: 'earlier' },
    snoozeTimeout: true,
    timers: state === 'SNOOZE_DISABLED' ? [timer] : [],
    inputs: new Map(),
    createdBy: 1,
    creationTime: 1000,
    lastUpdateTime: 1000,
  };
}

const context = { now: 5000, sequence: 2, keyValue: undefined, limits: DEFAULT_LIMITS, trace: false };

test('the table covers every pair of state and trigger', () => {
  const pairs = new Set(rows.map(({ state, trigger }) => `${state} ${trigger}`));
  const wanted = ALARM_STATES.flatMap((state) =>
    Object.keys(TRIGGERS)
      .filter((trigger) => trigger !== 'timeout' || state === 'SNOOZE_DISABLED')
      .map((trigger) => `${state} ${trigger}`),
  );
  expect([...pairs].sort()).toEqual(wanted.sort());
});

describe('an alarm', () => {
  test.each(rows)('in $state, $trigger, acknowledge flow $flow: $expected', (row) => {
    const alarm = alarmIn(row.state);
    const trigger = TRIGGERS[row.trigger] as AlarmTrigger;
    const result = step(modelOf(row.flow), alarm, trigger, context);
    const changes = row.expected !== '-' && row.expected !== 'refused';
    expect(result.alarm.state).toBe(changes ? row.expected : row.state);
    // One action per change of state, and none without a change.
    expect(result.effects.map(({ eventName }) => eventName)).toEqual(changes ? [row.expected] : []);
    expect(result.problems.length).toBe(row.expected === 'refused' ? 1 : 0);
    const { customerAction, timers, snoozeTimeout } = result.alarm;
    if (changes) {
      expect(customerAction).toEqual(trigger.type === 'CustomerAction' ? trigger.action : undefined);
      expect(snoozeTimeout).toBe(row.trigger === 'timeout');
    }
    expect(timers.map(({ expiresAt }) => expiresAt)).toEqual(
      result.alarm.state !== 'SNOOZE_DISABLED' ? [] : [changes ? 65_000 : 61_000],
    );
  });
});
