import { Fault } from '../../runtime/fault.ts';
import { findInput } from './inputs.ts';
import { type PageRequest, pageOf } from './page.ts';
import { arn, type Service } from './service.ts';

/** The models that an input feeds (spec: api 5, ListInputRoutings). A SiteWise property feeds none here. */
export function listInputRoutings(
  service: Service,
  request: PageRequest & {
    readonly inputIdentifier: {
      readonly iotEventsInputIdentifier?: { readonly inputName: string };
      readonly iotSiteWiseInputIdentifier?: object;
    };
  },
) {
  const { host, limits } = service;
  return host.command(() => {
    const { iotEventsInputIdentifier: input, iotSiteWiseInputIdentifier: property } = request.inputIdentifier;
    if ((input === undefined) === (property === undefined)) {
      const message =
        "Exactly one of 'iotEventsInputIdentifier' and 'iotSiteWiseInputIdentifier' must be given at 'inputIdentifier'";
      throw new Fault('InvalidRequestException', message);
    }
    if (input !== undefined) findInput(service, input.inputName);
    const users = input === undefined ? [] : host.catalog.usersOf(input.inputName);
    const routed = users.map(({ record: { detectorModelName: name } }) => ({
      name,
      arn: arn(service, 'detectorModel', name),
    }));
    const sorted = routed.sort((a, b) => (a.arn < b.arn ? -1 : 1));
    const { items, nextToken } = pageOf(sorted, (resource) => resource.arn, request, limits.pageSize);
    return { routedResources: items, ...(nextToken !== undefined && { nextToken }) };
  });
}
