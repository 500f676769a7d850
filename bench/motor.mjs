/**
 * The motor of the guide in three equivalent forms: a detector model, an XState v5 machine as its users would write it,
 * and a hand-written state machine.
 */
export const MOTOR = {
  detectorModelName: 'motor',
  key: 'motorid',
  roleArn: 'arn:aws:iam::000000000000:role/Motor',
  detectorModelDefinition: {
    initialStateName: 'Normal',
    states: [
      {
        stateName: 'Normal',
        onEnter: { events: [set('init', '0')] },
        onInput: {
          transitionEvents: [
            {
              ...set('Overpressurized', '$variable.breached + 3'),
              condition: '$input.PressureInput.sensorData.pressure > 70',
              nextState: 'Dangerous',
            },
          ],
        },
      },
      {
        stateName: 'Dangerous',
        onInput: {
          events: [
            { ...set('Overpressurized', '3'), condition: '$input.PressureInput.sensorData.pressure > 70' },
            {
              ...set('Okay', '$variable.breached - 1'),
              condition: '$input.PressureInput.sensorData.pressure <= 70',
            },
          ],
          transitionEvents: [
            {
              eventName: 'BackToNormal',
              condition: '$input.PressureInput.sensorData.pressure <= 70 && $variable.breached <= 1',
              nextState: 'Normal',
            },
          ],
        },
      },
    ],
  },
};

function set(eventName, value) {
  return { eventName, actions: [{ setVariable: { variableName: 'breached', value } }] };
}

export async function xstateMotor() {
  const { assign, setup } = await import('xstate');
  const high = ({ event }) => event.sensorData.pressure > 70;
  return setup({
    guards: {
      high,
      back: ({ context, event }) => !high({ event }) && context.breached <= 1,
    },
  }).createMachine({
    context: { breached: 0 },
    initial: 'Normal',
    states: {
      Normal: {
        entry: assign({ breached: 0 }),
        on: {
          message: {
            guard: 'high',
            target: 'Dangerous',
            actions: assign({ breached: ({ context }) => context.breached + 3 }),
          },
        },
      },
      Dangerous: {
        on: {
          message: [
            {
              guard: 'back',
              target: 'Normal',
              actions: assign({ breached: ({ context }) => context.breached - 1 }),
            },
            { guard: 'high', actions: assign({ breached: 3 }) },
            { actions: assign({ breached: ({ context }) => context.breached - 1 }) },
          ],
        },
      },
    },
  });
}

export class NativeMotor {
  state = 'Normal';
  breached = 0;
  message({ sensorData: { pressure } }) {
    if (this.state === 'Normal') {
      if (pressure > 70) {
        this.breached += 3;
        this.state = 'Dangerous';
      }
    } else if (pressure > 70) {
      this.breached = 3;
    } else {
      const back = this.breached <= 1;
      this.breached--;
      if (back) {
        this.state = 'Normal';
        this.breached = 0;
      }
    }
  }
}
