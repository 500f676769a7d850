export { buildRequest, buildRequests } from './build.ts';
export {
  type Contact,
  NO_RECIPIENTS,
  type NotificationSettings,
} from './notification.ts';
export type { BuildResult, BuiltRequest, ServiceName, ServiceRequest } from './request.ts';
export { staysInside, targetOf } from './target.ts';
export { usesOf } from './uses.ts';
