import { sendJson } from '../answering.ts';
import type { Place } from '../auth/access.ts';
import type { Route } from '../front.ts';

/**
 * `GET /_tripline/session?actions=iotevents:CreateInput,tripline:ListActions`: the caller, and which of these actions
 * they may do for at least one resource.
 */
export function sessionRoute({ region, accountId }: Place, version: string): Route {
  return {
    access: '*',
    answer: async (_request, response, query, _body, caller) => {
      const asked = (query.get('actions') ?? '').split(',').filter((action) => action !== '');
      const allowed = asked.filter((action) => caller?.mayEver(action) ?? true);
      const user = caller === undefined ? {} : { user: caller.name };
      sendJson(response, 200, { ...user, region, accountId, version, allowed });
    },
  };
}
