import { Fault } from '../../runtime/fault.ts';
import type { LoggingOptions } from '../../runtime/logging.ts';
import type { Service } from './service.ts';

/** The operations on logging options (spec: api 5, integrations 6). */

/** Replaces all options, in effect with the next evaluation. */
export function putLoggingOptions({ host }: Service, request: { readonly loggingOptions: LoggingOptions }) {
  return host.command((turn) => {
    turn.define(host.logging.put(request.loggingOptions));
    return {};
  });
}

export function describeLoggingOptions({ host }: Service) {
  return host.command(() => {
    const loggingOptions = host.logging.options;
    // An answer would need a role, and there is none to name.
    if (loggingOptions === undefined) {
      throw new Fault('ResourceNotFoundException', 'Logging options not found: none have been set');
    }
    return { loggingOptions };
  });
}
