import { expect } from 'vitest';
import type { ExpectedAction, Step } from './run.ts';

const UUID_V3 = /^[0-9a-f]{8}-[0-9a-f]{4}-3[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** What a step expects, as matchers: payloads may have more members than expected. */
export function expected({
  at,
  message,
  updateDetector,
  deleteDetector,
  updateModel,
  ...rest
}: Step): object {
  return { ...rest, ...(rest.actions && { actions: rest.actions.map(expectedAction) }) };
}

function expectedAction(action: ExpectedAction): object {
  if (action.payload === undefined) return action;
  const { payload: body, ...rest } = action.payload as { eventName?: string; payload?: object };
  if (rest.eventName === undefined) return action;
  const actionExecutionId = expect.stringMatching(UUID_V3);
  const payload = expect.objectContaining({
    ...rest,
    payload: expect.objectContaining({ ...body, actionExecutionId }),
  });
  return { ...action, payload };
}
