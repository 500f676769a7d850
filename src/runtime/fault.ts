import type { Refusal, RefusalCode } from '../core/engine/refusal.ts';

/** Resources with an ARN (reference: api 1.3). */
export type ResourceKind = 'input' | 'detectorModel' | 'alarmModel';

/** A refused request; it has changed nothing. */
export class Fault extends Error implements Refusal {
  override readonly name = 'Fault';
  readonly code: RefusalCode;
  /** For ResourceAlreadyExistsException: the existing resource. */
  readonly resource: { readonly kind: ResourceKind; readonly name: string } | undefined;
  constructor(code: RefusalCode, message: string, resource?: Fault['resource']) {
    super(message);
    this.code = code;
    this.resource = resource;
  }
}
