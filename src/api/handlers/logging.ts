import type { LoggingOptions } from '../../runtime/catalog/logging.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Service } from './service.ts';

/** The operations on logging options (reference: api 5). */

/** Replaces all options; takes effect with the next evaluation. */
export async function putLoggingOptions(
  { host }: Service,
  request: { readonly loggingOptions: LoggingOptions },
) {
  await host.define('putLoggingOptions', request.loggingOptions);
  return {};
}

export async function describeLoggingOptions({ host }: Service) {
  const loggingOptions = (await host.catalog()).logging.options;
  // The answer requires a role, and there is none yet.
  if (loggingOptions === undefined) {
    throw new Fault('ResourceNotFoundException', 'Logging options not found: none have been set');
  }
  return { loggingOptions };
}
