import { Fault, type ResourceKind } from '../../runtime/fault.ts';
import { RESOURCE_KINDS, type Service } from './service.ts';

const ARN = /^arn:aws[a-z-]*:iotevents:([^:]*):([^:]*):([a-zA-Z]+)\/(.+)$/;

/**
 * Parses an ARN of the service, in any partition. Throws InvalidRequestException when it is not one, and
 * ResourceNotFoundException, with this server's ARN, for another account or region.
 */
export function parseArn(
  { region, accountId }: Service,
  resourceArn: string,
): { readonly kind: ResourceKind; readonly name: string } {
  const [, arnRegion, arnAccount, type, name = ''] = ARN.exec(resourceArn) ?? [];
  const kind = RESOURCE_KINDS.find((each) => each === type);
  if (kind === undefined) {
    const message = `Value '${resourceArn}' at 'resourceArn' is not the ARN of an input, detector model or alarm model`;
    throw new Fault('InvalidRequestException', message);
  }
  if (arnRegion !== region || arnAccount !== accountId) {
    const here = `this server has account ${accountId} and region ${region}`;
    throw new Fault('ResourceNotFoundException', `Resource of ARN: ${resourceArn} not found: ${here}`);
  }
  return { kind, name };
}
