export { buildRequest } from './build.ts';
export { classifyError, SendError } from './classify-error.ts';
export type { BuildResult, ServiceName, ServiceRequest } from './request.ts';
export { createSenders, type Senders, type SendersOptions } from './senders.ts';
