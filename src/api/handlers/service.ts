import type { Limits } from '../../limits.ts';
import type { Host } from '../../runtime/embedded/host.ts';

/** What every operation works on. */
export interface Service {
  readonly host: Host;
  readonly limits: Limits;
  readonly region: string;
  readonly accountId: string;
}

/** An ARN of the service (spec: api 1.3). */
export function arn(service: Service, kind: 'input' | 'detectorModel', name: string): string {
  return `arn:aws:iotevents:${service.region}:${service.accountId}:${kind}/${name}`;
}
