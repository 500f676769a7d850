import { type Build, built, refused, textOf } from './request.ts';

/** lambda: asynchronous Invoke (reference: actions 9). */
export const lambda: Build = ({ parameters, payload }) => {
  const functionArn = textOf(parameters.functionArn);
  if (functionArn === undefined) return refused('The lambda action has no functionArn');
  return built('lambda', 'Invoke', {
    FunctionName: functionArn,
    InvocationType: 'Event',
    Payload: payload.text,
  });
};
