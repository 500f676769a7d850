import type { DetectorModelDefinition } from '../../../src/core/model/definition.ts';

/** A detector model to begin with, and the input that it reads. */
export interface Template {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly name: string;
  readonly key: string;
  readonly input: { readonly inputName: string; readonly attributes: readonly string[] };
  readonly definition: DetectorModelDefinition;
}

const topic = (mqttTopic: string) => ({ iotTopicPublish: { mqttTopic } });

const threshold: Template = {
  id: 'threshold',
  title: 'Threshold with recovery',
  description: 'Goes to Exceeded above a limit, and back to Normal after three good readings in a row.',
  name: 'Threshold',
  key: 'sensorId',
  input: { inputName: 'Reading', attributes: ['sensorId', 'value'] },
  definition: {
    initialStateName: 'Normal',
    states: [
      {
        stateName: 'Normal',
        onInput: {
          transitionEvents: [
            {
              eventName: 'Limit exceeded',
              condition: '$input.Reading.value > 80',
              nextState: 'Exceeded',
              actions: [],
            },
          ],
        },
      },
      {
        stateName: 'Exceeded',
        onEnter: {
          events: [
            {
              eventName: 'Notify',
              actions: [
                { setVariable: { variableName: 'goodReadings', value: '0' } },
                topic('alerts/exceeded'),
              ],
            },
          ],
        },
        onInput: {
          events: [
            {
              eventName: 'Good reading',
              condition: '$input.Reading.value <= 80',
              actions: [
                { setVariable: { variableName: 'goodReadings', value: '$variable.goodReadings + 1' } },
              ],
            },
            {
              eventName: 'Bad reading',
              condition: '$input.Reading.value > 80',
              actions: [{ setVariable: { variableName: 'goodReadings', value: '0' } }],
            },
          ],
          transitionEvents: [
            {
              eventName: 'Recovered',
              condition: '$variable.goodReadings >= 2 && $input.Reading.value <= 80',
              nextState: 'Normal',
              actions: [topic('alerts/recovered')],
            },
          ],
        },
      },
    ],
  },
};

const waiting = { setTimer: { timerName: 'awake', durationExpression: '60' } };

const heartbeat: Template = {
  id: 'heartbeat',
  title: 'Device heartbeat',
  description: 'Goes to Offline when a device has sent nothing for a minute, and back with its next message.',
  name: 'Heartbeat',
  key: 'deviceId',
  input: { inputName: 'Heartbeat', attributes: ['deviceId'] },
  definition: {
    initialStateName: 'Online',
    states: [
      {
        stateName: 'Online',
        onEnter: { events: [{ eventName: 'Start waiting', actions: [waiting] }] },
        onInput: {
          events: [
            {
              eventName: 'Heard from it',
              condition: 'currentInput("Heartbeat")',
              actions: [{ resetTimer: { timerName: 'awake' } }],
            },
          ],
          transitionEvents: [
            {
              eventName: 'Silent for a minute',
              condition: 'timeout("awake")',
              nextState: 'Offline',
              actions: [topic('alerts/offline')],
            },
          ],
        },
      },
      {
        stateName: 'Offline',
        onInput: {
          transitionEvents: [
            {
              eventName: 'Back again',
              condition: 'currentInput("Heartbeat")',
              nextState: 'Online',
              actions: [topic('alerts/online')],
            },
          ],
        },
      },
    ],
  },
};

const thermostat: Template = {
  id: 'thermostat',
  title: 'Thermostat with hysteresis',
  description: 'Heats below one temperature and stops above another, and never shorter than three minutes.',
  name: 'Thermostat',
  key: 'areaId',
  input: { inputName: 'Temperature', attributes: ['areaId', 'temperature'] },
  definition: {
    initialStateName: 'Idle',
    states: [
      {
        stateName: 'Idle',
        onInput: {
          transitionEvents: [
            {
              eventName: 'Too cold',
              condition: 'triggerType("Message") && $input.Temperature.temperature < 19.0',
              nextState: 'Heating',
              actions: [],
            },
          ],
        },
      },
      {
        stateName: 'Heating',
        onEnter: {
          events: [
            {
              eventName: 'Heat on',
              actions: [
                { setTimer: { timerName: 'shortest', durationExpression: '180' } },
                { setVariable: { variableName: 'mayStop', value: 'false' } },
                topic('heating/on'),
              ],
            },
          ],
        },
        onInput: {
          events: [
            {
              eventName: 'Long enough',
              condition: 'timeout("shortest")',
              actions: [{ setVariable: { variableName: 'mayStop', value: 'true' } }],
            },
          ],
          transitionEvents: [
            {
              eventName: 'Warm enough',
              condition:
                'triggerType("Message") && $variable.mayStop && $input.Temperature.temperature > 21.0',
              nextState: 'Idle',
              actions: [topic('heating/off')],
            },
          ],
        },
      },
    ],
  },
};

const empty: Template = {
  id: 'empty',
  title: 'Empty',
  description: 'One state without events, to build on.',
  name: 'NewModel',
  key: '',
  input: { inputName: 'Reading', attributes: ['sensorId', 'value'] },
  definition: { initialStateName: 'Start', states: [{ stateName: 'Start' }] },
};

export const TEMPLATES: readonly Template[] = [threshold, heartbeat, thermostat, empty];
