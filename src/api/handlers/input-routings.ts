import type { SitewiseProperty } from '../../core/alarm/compiled.ts';
import { inputOfProperty } from '../../core/alarm/sitewise.ts';
import type { Catalog } from '../../runtime/catalog/catalog.ts';
import { findInput } from '../../runtime/catalog/inputs.ts';
import { Fault, type ResourceKind } from '../../runtime/fault.ts';
import { type PageRequest, pageOf } from './page.ts';
import { arn, type Service } from './service.ts';

/** The models that an input or a SiteWise property feeds (reference: api 5, ListInputRoutings). */
export async function listInputRoutings(
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
  const catalog = await service.host.catalog();
  const { iotEventsInputIdentifier: input, iotSiteWiseInputIdentifier: property } = request.inputIdentifier;
  if ((input === undefined) === (property === undefined)) {
    const message =
      "Exactly one of 'iotEventsInputIdentifier' and 'iotSiteWiseInputIdentifier' must be given at 'inputIdentifier'";
    throw new Fault('InvalidRequestException', message);
  }
  if (input !== undefined) findInput(catalog, input.inputName);
  const resources =
    input === undefined
      ? propertyUsers(service, catalog, property?.iotSiteWiseAssetModelPropertyIdentifier)
      : inputUsers(service, catalog, input.inputName);
  const sorted = resources.sort((a, b) => (a.arn < b.arn ? -1 : 1));
  const list = `input-routings/${input?.inputName ?? ''}`;
  const { items, nextToken } = pageOf(
    list,
    sorted,
    (resource) => resource.arn,
    request,
    service.limits.pageSize,
  );
  return { routedResources: items, ...(nextToken !== undefined && { nextToken }) };
}

interface Routed {
  readonly name: string;
  readonly arn: string;
}

function inputUsers(service: Service, catalog: Catalog, inputName: string): Routed[] {
  const { models, alarmModels } = catalog.usersOf(inputName);
  return [
    ...models.map(({ record }) => routed(service, 'detectorModel', record.detectorModelName)),
    ...alarmModels.map(({ record }) => routed(service, 'alarmModel', record.alarmModelName)),
  ];
}

function propertyUsers(service: Service, catalog: Catalog, property: SitewiseProperty | undefined): Routed[] {
  if (property === undefined) return [];
  const { assetModelId, propertyId } = property;
  return catalog
    .usersOf(inputOfProperty(propertyId))
    .alarmModels.filter(({ active }) =>
      active.compiled.properties.some((each) => each.assetModelId === assetModelId),
    )
    .map(({ record }) => routed(service, 'alarmModel', record.alarmModelName));
}

function routed(service: Service, kind: ResourceKind, name: string): Routed {
  return { name, arn: arn(service, kind, name) };
}
