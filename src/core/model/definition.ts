/**
 * The shapes of definitions as the API accepts and returns them (reference: models 2.1, 3.1; api 4.1). After
 * `normalise`, every list is present (reference: models 3.2).
 */
export interface InputDefinition {
  readonly attributes: readonly Attribute[];
}

export interface Attribute {
  readonly jsonPath: string;
}

export type EvaluationMethod = 'BATCH' | 'SERIAL';

export interface DetectorModelDefinition {
  readonly states: readonly State[];
  readonly initialStateName: string;
}

export interface State {
  readonly stateName: string;
  readonly onEnter?: { readonly events?: readonly Event[] };
  readonly onInput?: {
    readonly events?: readonly Event[];
    readonly transitionEvents?: readonly TransitionEvent[];
  };
  readonly onExit?: { readonly events?: readonly Event[] };
}

export interface Event {
  readonly eventName: string;
  readonly condition?: string;
  readonly actions?: readonly Action[];
}

export interface TransitionEvent extends Event {
  readonly condition: string;
  readonly nextState: string;
}

/** Exactly one member is set. */
export interface Action {
  readonly setVariable?: { readonly variableName: string; readonly value: string };
  readonly setTimer?: {
    readonly timerName: string;
    readonly seconds?: number;
    readonly durationExpression?: string;
  };
  readonly resetTimer?: { readonly timerName: string };
  readonly clearTimer?: { readonly timerName: string };
  readonly iotTopicPublish?: { readonly mqttTopic: string; readonly payload?: Payload };
  readonly iotEvents?: { readonly inputName: string; readonly payload?: Payload };
  readonly iotSiteWise?: IotSiteWiseAction;
  readonly dynamoDB?: DynamoDBAction;
  readonly dynamoDBv2?: { readonly tableName: string; readonly payload?: Payload };
  readonly firehose?: {
    readonly deliveryStreamName: string;
    readonly separator?: string;
    readonly payload?: Payload;
  };
  readonly lambda?: { readonly functionArn: string; readonly payload?: Payload };
  readonly sns?: { readonly targetArn: string; readonly payload?: Payload };
  readonly sqs?: { readonly queueUrl: string; readonly useBase64?: boolean; readonly payload?: Payload };
}

export interface Payload {
  readonly contentExpression: string;
  readonly type: 'STRING' | 'JSON';
}

export interface IotSiteWiseAction {
  readonly entryId?: string;
  readonly assetId?: string;
  readonly propertyId?: string;
  readonly propertyAlias?: string;
  readonly propertyValue?: {
    readonly value?: {
      readonly stringValue?: string;
      readonly integerValue?: string;
      readonly doubleValue?: string;
      readonly booleanValue?: string;
    };
    readonly timestamp?: { readonly timeInSeconds: string; readonly offsetInNanos?: string };
    readonly quality?: string;
  };
}

export interface DynamoDBAction {
  readonly tableName: string;
  readonly hashKeyField: string;
  readonly hashKeyType?: string;
  readonly hashKeyValue: string;
  readonly rangeKeyField?: string;
  readonly rangeKeyType?: string;
  readonly rangeKeyValue?: string;
  readonly operation?: string;
  readonly payloadField?: string;
  readonly payload?: Payload;
}

/** All action types of detector models. */
export type ActionType = keyof Action;

/** The nine actions with effects outside the detector. */
export type ExternalActionType =
  | 'iotTopicPublish'
  | 'iotEvents'
  | 'iotSiteWise'
  | 'dynamoDB'
  | 'dynamoDBv2'
  | 'firehose'
  | 'lambda'
  | 'sns'
  | 'sqs';
