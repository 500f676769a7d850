export { buildRequest, buildRequests } from './build.ts';
export { classifyError, SendError } from './classify-error.ts';
export {
  type Contact,
  NO_RECIPIENTS,
  type NotificationSettings,
} from './notification.ts';
export type { BuildResult, BuiltRequest, ServiceRequest } from './request.ts';
export { createSenders, type Senders } from './senders.ts';
export { targetOf } from './target.ts';
