import type { Limits } from '../../limits.ts';
import type {
  DefinitionName,
  DefinitionRequest,
  DefinitionResult,
} from '../../runtime/catalog/definitions.ts';
import { Fault, type ResourceKind } from '../../runtime/fault.ts';
import type { Host } from '../../runtime/host.ts';
import { ServiceError } from '../../wire/errors.ts';

/** Resources with an ARN (reference: api 1.3). */
export const RESOURCE_KINDS: readonly ResourceKind[] = ['input', 'detectorModel', 'alarmModel'];

/** The context of every operation. */
export interface Service {
  readonly host: Host;
  readonly limits: Limits;
  readonly region: string;
  readonly accountId: string;
}

/** An ARN of the service (reference: api 1.3). */
export function arn(service: Service, kind: ResourceKind, name: string): string {
  return `arn:aws:iotevents:${service.region}:${service.accountId}:${kind}/${name}`;
}

/** Makes a definition. A refusal because the resource exists gets its ARN. */
export async function define<N extends DefinitionName>(
  service: Service,
  name: N,
  request: DefinitionRequest<N>,
): Promise<DefinitionResult<N>> {
  try {
    return await service.host.define(name, request);
  } catch (error) {
    if (!(error instanceof Fault) || error.resource === undefined) throw error;
    const { code, message, resource } = error;
    const resourceArn = arn(service, resource.kind, resource.name);
    throw new ServiceError(code, message, { resourceId: resource.name, resourceArn });
  }
}
