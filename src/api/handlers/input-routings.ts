import type { SitewiseProperty } from '../../core/alarm/compiled.ts';
import { inputOfProperty } from '../../core/alarm/sitewise.ts';
import { Fault } from '../../runtime/fault.ts';
import { findInput } from './inputs.ts';
import { type PageRequest, pageOf } from './page.ts';
import { arn, type ResourceKind, type Service } from './service.ts';

/** The models that an input or a SiteWise property feeds (spec: api 5, ListInputRoutings). */
export function listInputRoutings(
  service: Service,
  request: PageRequest & {
    readonly inputIdentifier: {
      readonly iotEventsInputIdentifier?: { readonly inputName: string };
      readonly iotSiteWiseInputIdentifier?: {
        readonly iotSiteWiseAssetModelPropertyIdentifier?: SitewiseProperty;
      };
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
    const resources =
      input === undefined
        ? propertyUsers(service, property?.iotSiteWiseAssetModelPropertyIdentifier)
        : inputUsers(service, input.inputName);
    const sorted = resources.sort((a, b) => (a.arn < b.arn ? -1 : 1));
    const { items, nextToken } = pageOf(sorted, (resource) => resource.arn, request, limits.pageSize);
    return { routedResources: items, ...(nextToken !== undefined && { nextToken }) };
  });
}

interface Routed {
  readonly name: string;
  readonly arn: string;
}

function inputUsers(service: Service, inputName: string): Routed[] {
  const { models, alarmModels } = service.host.catalog;
  return [
    ...models
      .usersOf(inputName)
      .map(({ record }) => routed(service, 'detectorModel', record.detectorModelName)),
    ...alarmModels
      .usersOf(inputName)
      .map(({ record }) => routed(service, 'alarmModel', record.alarmModelName)),
  ];
}

function propertyUsers(service: Service, property: SitewiseProperty | undefined): Routed[] {
  if (property === undefined) return [];
  const { assetModelId, propertyId } = property;
  return service.host.catalog.alarmModels
    .usersOf(inputOfProperty(propertyId))
    .filter(({ active }) => active.compiled.properties.some((each) => each.assetModelId === assetModelId))
    .map(({ record }) => routed(service, 'alarmModel', record.alarmModelName));
}

function routed(service: Service, kind: ResourceKind, name: string): Routed {
  return { name, arn: arn(service, kind, name) };
}
