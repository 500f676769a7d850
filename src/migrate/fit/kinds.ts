import { CONTROL_PLANE } from '../../wire/service/control-plane.ts';
import type { Shapes } from '../../wire/service/table.ts';
import type { Kind } from '../report.ts';
import { TOPIC_RULE_SHAPES } from './topic-rule-shapes.ts';

/** The differences between the four kinds of resources. */
export interface KindInfo {
  /** The shape of the create request. */
  readonly shape: string;
  readonly shapes: Shapes;
  readonly nameMember: string;
  /** A member that only requests of this kind have. */
  readonly definitionMember: string;
  /** Characters that a name must not contain. */
  readonly forbidden: RegExp;
  /** For messages to users. */
  readonly words: string;
}

export const KINDS: Readonly<Record<Kind, KindInfo>> = {
  input: {
    shape: 'CreateInputRequest',
    shapes: CONTROL_PLANE.shapes,
    nameMember: 'inputName',
    definitionMember: 'inputDefinition',
    forbidden: /[^a-zA-Z0-9_]/g,
    words: 'input',
  },
  detectorModel: {
    shape: 'CreateDetectorModelRequest',
    shapes: CONTROL_PLANE.shapes,
    nameMember: 'detectorModelName',
    definitionMember: 'detectorModelDefinition',
    forbidden: /[^a-zA-Z0-9_-]/g,
    words: 'detector model',
  },
  alarmModel: {
    shape: 'CreateAlarmModelRequest',
    shapes: CONTROL_PLANE.shapes,
    nameMember: 'alarmModelName',
    definitionMember: 'alarmRule',
    forbidden: /[^a-zA-Z0-9_-]/g,
    words: 'alarm model',
  },
  topicRule: {
    shape: 'CreateTopicRuleRequest',
    shapes: TOPIC_RULE_SHAPES,
    nameMember: 'ruleName',
    definitionMember: 'topicRulePayload',
    forbidden: /[^a-zA-Z0-9_]/g,
    words: 'topic rule',
  },
};

/** Members that Describe adds to those of Create. Dropped without a finding. */
const DESCRIBED = [
  ...[
    'inputarn',
    'detectormodelarn',
    'detectormodelversion',
    'alarmmodelarn',
    'alarmmodelversion',
    'rulearn',
  ],
  ...['creationtime', 'lastupdatetime', 'createdat', 'status', 'statusmessage', 'schemaversion'],
];

/** Expects a name returned by `comparable`. */
export function isDescribed(name: string): boolean {
  return DESCRIBED.includes(name);
}
