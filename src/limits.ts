/**
 * Every limit, in one place, with its default. A limit is quoted in the message that enforces it.
 * The lengths and patterns of single members are in the API table (`api/service`), not here.
 */
export interface Limits {
  /** Characters of one expression; the service itself ends conditions at 512 and values at 1024. */
  readonly expressionLength: number;
  /** Nesting of one expression: parentheses, operators, templates. */
  readonly expressionDepth: number;
  /** Nodes of one expression's syntax tree. */
  readonly expressionNodes: number;
  /** UTF-8 bytes of a content expression, and of what it evaluates to (reference: limits). */
  readonly payloadBytes: number;
  /** UTF-8 bytes of one message's payload (reference: limits). */
  readonly messageBytes: number;
  /** Messages of one BatchPutMessage call, requests of one call that operates alarms. */
  readonly batchSize: number;
  /** Bytes of one HTTP request body. */
  readonly bodyBytes: number;
  /** Bytes of all HTTP request bodies that are being read; beyond that the oldest one is dropped. */
  readonly bodiesBytes: number;
  /** Bytes of one HTTP request's headers. */
  readonly headerBytes: number;
  /** HTTP connections at once; beyond that new ones are closed. */
  readonly connections: number;
  /** With credentials: HTTP connections without a signed request so far; beyond that the oldest is closed. */
  readonly unauthenticatedConnections: number;
  /** Milliseconds that a client has for its TLS handshake; otherwise silent connections would use up `connections`. */
  readonly handshakeTimeout: number;
  /** Bytes of one detector model definition as JSON text. */
  readonly definitionBytes: number;
  readonly inputs: number;
  readonly detectorModels: number;
  readonly detectorModelVersions: number;
  readonly detectorModelsPerInput: number;
  readonly detectorsPerModel: number;
  readonly alarmModels: number;
  readonly alarmModelVersions: number;
  readonly alarmModelsPerSitewiseProperty: number;
  readonly alarmsPerModel: number;
  readonly actionsPerAlarmModel: number;
  readonly notificationsPerAlarmModel: number;
  readonly recipientsPerNotification: number;
  readonly statesPerModel: number;
  readonly eventsPerState: number;
  readonly transitionEventsPerState: number;
  readonly actionsPerEvent: number;
  readonly variablesPerDetector: number;
  readonly timersPerDetector: number;
  /** Seconds. Shorter timers are accepted and logged (reference: questions Q-TIMER-MIN). */
  readonly minimumTimerSeconds: number;
  /** Seconds. */
  readonly maximumTimerSeconds: number;
  /** Detector model analyses in RUNNING status (reference: analysis 1). */
  readonly runningAnalyses: number;
  /** Milliseconds for which the results of an analysis can be read after its start. */
  readonly analysisRetention: number;
  /** Analyses whose results are kept; the oldest are removed first. */
  readonly keptAnalyses: number;
  /** Tags of one input, detector model or alarm model (reference: limits). */
  readonly tagsPerResource: number;
  /** Milliseconds within which a messageId is accepted once per input (reference: models 4). */
  readonly dedupeWindow: number;
  /** Remembered messageIds; beyond that messages are throttled until the oldest ids expire. */
  readonly dedupeEntries: number;
  /** Messages a second that one detector evaluates; 0 for no limit. The service had 10 (reference: limits). */
  readonly messagesPerDetectorPerSecond: number;
  /** Messages a second that all detectors evaluate; 0 for no limit. The service had 1000 (reference: limits). */
  readonly evaluationsPerSecond: number;
  /** Messages that may wait for evaluation; beyond that BatchPutMessage returns ThrottlingException. */
  readonly queuedMessages: number;
  /** Work items of one turn, and so of one commit. */
  readonly turnSize: number;
  /** Milliseconds after which a turn accepts no more work; timers get half of it when there is other work. */
  readonly turnTime: number;
  /**
   * Bytes of what the actions of a turn send, and of the detectors and messages it touches, after which it takes no more: a
   * commit is one text of at most 2^29 characters.
   */
  readonly turnText: number;
  /** UTF-8 bytes of one variable's text. The service's API allows 1024 (reference: limits). */
  readonly variableText: number;
  /** UTF-8 bytes of the texts of all variables of a detector; each change writes its whole row. */
  readonly detectorText: number;
  /** UTF-8 bytes of the texts of one action, including its payload: the most that the services accept in one request. */
  readonly actionText: number;
  /** UTF-8 bytes of the texts of all actions of one evaluation, which are part of one commit. */
  readonly evaluationText: number;
  /** Delivered or recorded action executions that stay listed; the oldest are removed first. */
  readonly actionHistory: number;
  /** Failed action executions that stay listed; the oldest are removed first. */
  readonly failedActionHistory: number;
  /** Action executions that may wait on disk for their delivery; beyond that BatchPutMessage returns ThrottlingException. */
  readonly pendingActions: number;
  /** Deliveries to one target in progress at once. */
  readonly deliveriesPerTarget: number;
  /** Deliveries to one target that are kept in memory; the others are read from disk when they are due. */
  readonly deliveriesHeld: number;
  /** Targets with a queue of their own; beyond that new targets of a service share one. */
  readonly deliveryTargets: number;
  /** Targets that metrics name; further ones count as `other`. Names come from messages and are never removed. */
  readonly metricTargets: number;
  /** Attempts of one delivery before it is FAILED, while others to that target succeed. */
  readonly deliveryAttempts: number;
  /** Milliseconds after which a delivery that never succeeded is FAILED. */
  readonly deliveryAge: number;
  /** Milliseconds of one delivery attempt, from its start to the last byte of the response. */
  readonly deliveryTimeout: number;
  /** Bytes of a target's response that are read; a longer one is a failed attempt. Uses memory for `deliveriesPerTarget` responses per target. */
  readonly answerBytes: number;
  /** Messages that one message or timer may cause through iotEvents actions; beyond that the action is FAILED. */
  readonly chainMessages: number;
  /** Bytes of journal after which the state rows on disk are updated in the background. */
  readonly checkpointBytes: number;
  /** Topic rules of the account (docs/topic-rules.md: The operations). */
  readonly topicRules: number;
  /** Actions of one topic rule. */
  readonly actionsPerTopicRule: number;
  /** Bytes of one topic rule as JSON, including its statement. */
  readonly topicRuleBytes: number;
  /** Nesting of one SQL statement: parentheses, operators of a chain, nested queries. */
  readonly sqlDepth: number;
  /** Nodes of one SQL statement's syntax tree. */
  readonly sqlNodes: number;
  /** Steps of one evaluation of a SQL statement: elements of nested queries, characters made and compared. */
  readonly sqlSteps: number;
  /** UTF-8 bytes of a SQL statement's variables together, as JSON (docs/topic-rules.md: The SQL). */
  readonly sqlVariableBytes: number;
  /** Rules that a message may pass by republishing; beyond that the republish action fails. */
  readonly republishHops: number;
  /** MQTT connections at once, including those that are not authenticated yet; beyond that new ones are closed. */
  readonly mqttConnections: number;
  /** MQTT connections whose CONNECT has not been answered; beyond that new ones are closed. */
  readonly mqttUnauthenticatedConnections: number;
  /** Milliseconds within which a new MQTT connection must send its CONNECT. */
  readonly mqttConnectTimeout: number;
  /** Bytes of a CONNECT packet including its will, and of any other packet before it is answered. */
  readonly mqttConnectBytes: number;
  /** Bytes of one MQTT message's payload (docs/devices.md: Limits). */
  readonly mqttPayloadBytes: number;
  /** UTF-8 bytes of an MQTT topic, without the prefix of Basic Ingest. */
  readonly mqttTopicBytes: number;
  readonly mqttClientIdBytes: number;
  readonly mqttSubscriptionsPerConnection: number;
  /** Unacknowledged messages of one MQTT client, in each direction; beyond that the sender waits. */
  readonly mqttInFlight: number;
  /** Messages that wait to be written to one MQTT subscriber; beyond that further ones are dropped for it, and counted. */
  readonly mqttBacklogMessages: number;
  /** Bytes that wait to be written to one MQTT subscriber. */
  readonly mqttBacklogBytes: number;
  /** Bytes that wait to be written to all MQTT subscribers. */
  readonly mqttBacklogTotalBytes: number;
  /** Disconnected MQTT clients whose connection numbers are remembered; beyond that the oldest are forgotten. */
  readonly mqttKnownClients: number;
  /** Durable MQTT sessions; beyond that a client that asks for a new one is refused. */
  readonly mqttSessions: number;
  /** Milliseconds after which the session of an absent MQTT client ends. */
  readonly mqttSessionExpiry: number;
  /** Messages in the queue of one durable MQTT session; beyond that further ones are dropped, and counted. */
  readonly mqttQueuedMessages: number;
  /** Bytes, as they are stored, in the queue of one durable MQTT session. */
  readonly mqttQueuedBytes: number;
  /** Topics with a retained message; beyond that messages are delivered but not retained, and counted. */
  readonly mqttRetainedMessages: number;
  /** Bytes, as they are stored, of all retained messages. */
  readonly mqttRetainedBytes: number;
  /** Items of one page of a list operation when the request names no `maxResults`. */
  readonly pageSize: number;
}

export const DEFAULT_LIMITS: Limits = {
  expressionLength: 4096,
  expressionDepth: 64,
  expressionNodes: 1000,
  payloadBytes: 1024,
  messageBytes: 1024,
  batchSize: 10,
  bodyBytes: 1024 * 1024,
  bodiesBytes: 64 * 1024 * 1024,
  headerBytes: 16 * 1024,
  connections: 10_000,
  unauthenticatedConnections: 1000,
  handshakeTimeout: 10_000,
  definitionBytes: 512 * 1024,
  inputs: 50,
  detectorModels: 50,
  detectorModelVersions: 500,
  detectorModelsPerInput: 10,
  detectorsPerModel: 100_000,
  alarmModels: 200,
  alarmModelVersions: 500,
  alarmModelsPerSitewiseProperty: 10,
  alarmsPerModel: 100_000,
  actionsPerAlarmModel: 10,
  notificationsPerAlarmModel: 10,
  recipientsPerNotification: 10,
  statesPerModel: 20,
  eventsPerState: 20,
  transitionEventsPerState: 20,
  actionsPerEvent: 10,
  variablesPerDetector: 50,
  timersPerDetector: 5,
  minimumTimerSeconds: 60,
  maximumTimerSeconds: 31_622_400,
  runningAnalyses: 10,
  analysisRetention: 24 * 60 * 60 * 1000,
  keptAnalyses: 200,
  tagsPerResource: 50,
  dedupeWindow: 5 * 60 * 1000,
  dedupeEntries: 4_000_000,
  messagesPerDetectorPerSecond: 0,
  evaluationsPerSecond: 0,
  queuedMessages: 20_000,
  turnSize: 2000,
  turnTime: 100,
  turnText: 32 * 1024 * 1024,
  variableText: 16 * 1024,
  detectorText: 256 * 1024,
  actionText: 256 * 1024,
  evaluationText: 2 * 1024 * 1024,
  actionHistory: 100_000,
  failedActionHistory: 100_000,
  pendingActions: 5_000_000,
  deliveriesPerTarget: 32,
  deliveriesHeld: 1000,
  deliveryTargets: 1000,
  metricTargets: 1000,
  deliveryAttempts: 185,
  deliveryAge: 24 * 60 * 60 * 1000,
  deliveryTimeout: 30_000,
  answerBytes: 256 * 1024,
  chainMessages: 1000,
  checkpointBytes: 64 * 1024 * 1024,
  topicRules: 1000,
  actionsPerTopicRule: 10,
  topicRuleBytes: 128 * 1024,
  sqlDepth: 200,
  sqlNodes: 10_000,
  sqlSteps: 2_000_000,
  sqlVariableBytes: 128 * 1024,
  republishHops: 8,
  mqttConnections: 10_000,
  mqttUnauthenticatedConnections: 500,
  mqttConnectTimeout: 10_000,
  mqttConnectBytes: 16 * 1024,
  mqttPayloadBytes: 128 * 1024,
  mqttTopicBytes: 256,
  mqttClientIdBytes: 128,
  mqttSubscriptionsPerConnection: 1000,
  mqttInFlight: 100,
  mqttBacklogMessages: 10_000,
  mqttBacklogBytes: 4 * 1024 * 1024,
  mqttBacklogTotalBytes: 128 * 1024 * 1024,
  mqttKnownClients: 100_000,
  mqttSessions: 10_000,
  mqttSessionExpiry: 24 * 60 * 60 * 1000,
  mqttQueuedMessages: 10_000,
  mqttQueuedBytes: 32 * 1024 * 1024,
  mqttRetainedMessages: 100_000,
  mqttRetainedBytes: 256 * 1024 * 1024,
  pageSize: 250,
};

/**
 * Characters that a text can grow to while expressions are evaluated. A variable that is joined with itself on every
 * message would soon be more than any memory holds; past this there is no result. Not to be configured.
 */
export const LONGEST_TEXT = 2 ** 20;

/** Levels of objects and lists within each other that JSON may have in a message or a payload. Not to be configured. */
export const DEEPEST_JSON = 500;
