import { type Build, built, refused, textOf } from './request.ts';

/** sns: Publish to a topic or an endpoint (reference: actions 10). */
export const sns: Build = ({ parameters, payload }) => {
  const targetArn = textOf(parameters.targetArn);
  if (targetArn === undefined) return refused('The sns action has no targetArn');
  // The sixth part of a topic's ARN is its name; that of an endpoint is a path (endpoint/…, app/…).
  const isTopic = !targetArn.split(':').slice(5).join(':').includes('/');
  return built('sns', 'Publish', { [isTopic ? 'TopicArn' : 'TargetArn']: targetArn, Message: payload.text });
};
