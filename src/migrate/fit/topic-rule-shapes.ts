import type { Shapes } from '../../wire/service/table.ts';
import { TOPIC_RULES } from '../../wire/service/topic-rules.ts';

/** Actions of topic rules that run here; the others are only carried over (docs/topic-rules.md: Actions). */
export const SUPPORTED_RULE_ACTIONS: ReadonlySet<string> = new Set(['iotEvents', 'republish']);

const { ruleName, tags, ...payload } = TOPIC_RULES.shapes.CreateTopicRuleRequest.members;

/** As files have the request of CreateTopicRule: with `topicRulePayload` around what is the body on the wire. */
export const TOPIC_RULE_SHAPES: Shapes = {
  ...TOPIC_RULES.shapes,
  CreateTopicRuleRequest: {
    type: 'structure',
    required: ['ruleName', 'topicRulePayload'],
    members: {
      ruleName: { shape: ruleName.shape },
      topicRulePayload: { shape: 'TopicRulePayload' },
      tags: { shape: tags.shape },
    },
  },
  TopicRulePayload: { type: 'structure', required: ['sql', 'actions'], members: payload },
};
