import type { Limits } from '../../limits.ts';
import type { Host } from '../../runtime/embedded/host.ts';

/** What has an ARN (spec: api 1.3). */
export const RESOURCE_KINDS = ['input', 'detectorModel', 'alarmModel'] as const;
export type ResourceKind = (typeof RESOURCE_KINDS)[number];

/** What every operation works on. */
export interface Service {
  readonly host: Host;
  readonly limits: Limits;
  readonly region: string;
  readonly accountId: string;
}

/** An ARN of the service (spec: api 1.3). */
export function arn(service: Service, kind: ResourceKind, name: string): string {
  return `arn:aws:iotevents:${service.region}:${service.accountId}:${kind}/${name}`;
}
