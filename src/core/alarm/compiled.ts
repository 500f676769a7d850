import type { Evaluate } from '../expression/index.ts';
import type { Read } from '../expression/read-path.ts';
import type { CompiledExternalAction, CompiledPayload, CompiledText } from '../model/compiled.ts';
import type { ComparisonOperator } from './definition.ts';

/** An alarm model ready to run. */
export interface CompiledAlarmModel {
  readonly name: string;
  readonly version: string;
  /** Segments of the key's path; undefined for a model with a single alarm. */
  readonly key: readonly string[] | undefined;
  readonly severity: number | undefined;
  /** The names of inputs, by place. */
  readonly placeNames: readonly string[];
  /** The places of inputs, and of SiteWise properties as the inputs that `sitewise.ts` makes of them. */
  readonly inputs: ReadonlyMap<string, number>;
  readonly properties: readonly SitewiseProperty[];
  readonly sitewise: readonly SitewiseRead[];
  readonly rule: CompiledRule;
  readonly acknowledgeFlow: boolean;
  readonly disabledOnInitialization: boolean;
  readonly actions: readonly CompiledExternalAction[];
  readonly notifications: readonly CompiledNotification[];
}

export interface SitewiseProperty {
  readonly assetModelId: string;
  readonly propertyId: string;
}

/** A reference to a SiteWise property: what it reads of that property's last message. */
export interface SitewiseRead {
  readonly input: number;
  readonly read: Read;
}

export interface CompiledRule {
  /** The input that the rule watches, by place. */
  readonly input: number;
  readonly inputProperty: Evaluate;
  readonly operator: ComparisonOperator;
  readonly threshold: Evaluate;
  /** Whether the threshold is breached. */
  readonly isBreached: Evaluate;
}

export interface CompiledNotification {
  /** Where it stands in the definition: `alarmNotification.notificationActions[0]`. */
  readonly place: string;
  readonly functionArn: string;
  readonly payload: CompiledPayload | undefined;
  readonly emails: readonly CompiledEmail[];
  readonly sms: readonly CompiledSms[];
}

export interface CompiledEmail {
  readonly from: CompiledText;
  readonly subject: CompiledText | undefined;
  readonly additionalMessage: CompiledText | undefined;
  readonly to: readonly CompiledIdentity[];
}

export interface CompiledSms {
  readonly senderId: CompiledText | undefined;
  readonly additionalMessage: CompiledText | undefined;
  readonly to: readonly CompiledIdentity[];
}

export interface CompiledIdentity {
  readonly identityStoreId: CompiledText;
  readonly userId: CompiledText | undefined;
}
