import type { Evaluate } from '../expression/index.ts';
import type { Read } from '../expression/path-reader.ts';
import type { CompiledExternalAction, CompiledPayload, CompiledText } from '../model/compiled.ts';
import type { ComparisonOperator } from './definition.ts';

/** An alarm model ready to run. */
export interface CompiledAlarmModel {
  readonly name: string;
  readonly version: string;
  /** Segments of the key's path; undefined for a model with a single alarm. */
  readonly key: readonly string[] | undefined;
  readonly severity: number | undefined;
  /** The numbers of inputs, including those that `sitewise.ts` derives from SiteWise properties. */
  readonly inputs: ReadonlyMap<string, number>;
  readonly inputNames: readonly string[];
  /**
   * What the expressions read, by place. An alarm keeps whole messages, because it outlives the versions of its model.
   */
  readonly attributes: readonly AlarmAttribute[];
  readonly properties: readonly SitewiseProperty[];
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

/** What a reference reads from the last message on an input or from a SiteWise property. */
export interface AlarmAttribute {
  readonly inputName: string;
  readonly read: Read;
}

export interface CompiledRule {
  /** The number of the input that the rule watches. */
  readonly input: number;
  readonly inputProperty: Evaluate;
  readonly operator: ComparisonOperator;
  readonly threshold: Evaluate;
  /** True when the threshold is breached. */
  readonly isBreached: Evaluate;
}

export interface CompiledNotification {
  /** Path in the definition: `alarmNotification.notificationActions[0]`. */
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
