import type { Service } from '../../src/api/handlers/service.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import type { Host } from '../../src/runtime/host.ts';
import { readPayload } from '../../src/runtime/messages.ts';

export function message(messageId: string, body: object, inputName = 'I') {
  const payload = readPayload(Buffer.from(JSON.stringify(body)));
  if (typeof payload === 'string') throw new Error(payload);
  return { messageId, inputName, payload };
}

export function serviceOf(host: Host): Service {
  return { host, limits: DEFAULT_LIMITS, region: 'us-east-1', accountId: '000000000000' };
}

export const ROLE = 'arn:aws:iam::000000000000:role/M';

/** Counts messages; a second after the last one it reports the count by SNS and through another input, and restarts. */
export const WATCHING = {
  detectorModelName: 'Watching',
  key: 'id',
  roleArn: ROLE,
  detectorModelDefinition: {
    initialStateName: 'Busy',
    states: [
      {
        stateName: 'Busy',
        onEnter: {
          events: [{ eventName: 'begin', actions: [{ setVariable: { variableName: 'n', value: '0' } }] }],
        },
        onInput: {
          events: [
            {
              eventName: 'count',
              condition: 'currentInput("I")',
              actions: [
                { setVariable: { variableName: 'n', value: '$variable.n + 1' } },
                { setTimer: { timerName: 'quiet', seconds: 1 } },
              ],
            },
          ],
          transitionEvents: [
            { eventName: 'silence', condition: 'timeout("quiet")', nextState: 'Quiet', actions: [] },
          ],
        },
      },
      {
        stateName: 'Quiet',
        onEnter: {
          events: [
            {
              eventName: 'tell',
              actions: [
                { sns: { targetArn: 'arn:aws:sns:us-east-1:000000000000:quiet' } },
                {
                  iotEvents: {
                    inputName: 'Told',
                    payload: {
                      type: 'JSON',
                      contentExpression: '\'{"id":"${$input.I.id}","of":${$variable.n}}\'',
                    },
                  },
                },
              ],
            },
          ],
        },
        onInput: {
          transitionEvents: [
            { eventName: 'again', condition: 'currentInput("I")', nextState: 'Busy', actions: [] },
          ],
        },
      },
    ],
  },
};
