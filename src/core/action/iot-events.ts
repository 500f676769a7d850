import { base64OfText } from './base64.ts';
import { type Build, built, refused, textOf } from './request.ts';

/**
 * iotEvents: one message for another input (reference: actions 4). The message id is the execution id, so that a
 * repeated delivery is accepted only once.
 */
export const iotEvents: Build = ({ actionExecutionId, parameters, payload }) => {
  const inputName = textOf(parameters.inputName);
  if (inputName === undefined) return refused('The iotEvents action has no inputName');
  const messages = [
    {
      messageId: actionExecutionId,
      inputName,
      payload: base64OfText(payload.text),
    },
  ];
  return built('iotevents-data', 'BatchPutMessage', { messages });
};
