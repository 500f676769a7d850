export { classifyError, SendError } from './classify-error.ts';
export { createSenders, type Senders } from './senders.ts';
