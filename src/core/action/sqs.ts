import { base64OfText } from './base64.ts';
import { type Build, built, refused, textOf } from './request.ts';

/** sqs: SendMessage with the payload as text or as base64 (reference: actions 11). */
export const sqs: Build = ({ parameters, payload }) => {
  const queueUrl = textOf(parameters.queueUrl);
  if (queueUrl === undefined) return refused('The sqs action has no queueUrl');
  const encoded = parameters.useBase64 === true;
  const body = encoded ? base64OfText(payload.text) : payload.text;
  return built('sqs', 'SendMessage', { QueueUrl: queueUrl, MessageBody: body });
};
