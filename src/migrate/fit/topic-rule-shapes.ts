import type { Shapes } from '../../wire/service/table.ts';
import { TOPIC_RULES } from '../../wire/service/topic-rules.ts';

/** The actions of topic rules that Tripline runs. Others are kept but do not run (docs/topic-rules.md: Actions). */
export const SUPPORTED_RULE_ACTIONS: ReadonlySet<string> = new Set(['iotEvents', 'republish']);

const { ruleName, tags, ...payload } = TOPIC_RULES.shapes.CreateTopicRuleRequest.members;

/**
 * The request of CreateTopicRule as files contain it: `topicRulePayload` wraps what is the body of the HTTP request.
 */
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
