/** The create requests for everything on a server. */
export interface Requests {
  readonly inputs: readonly Request[];
  readonly detectorModels: readonly Request[];
  readonly alarmModels: readonly Request[];
  readonly topicRules: readonly Request[];
}

export type Request = Readonly<Record<string, unknown>>;

/** The exported text, and what its format cannot express and therefore lacks. */
export interface Written {
  readonly text: string;
  readonly omitted: readonly string[];
}

/** CloudFormation, and therefore Terraform's awscc, does not support `alarmNotification`. */
export function withoutNotification(request: Request): {
  readonly request: Request;
  readonly omitted: readonly string[];
} {
  const { alarmNotification, ...rest } = request;
  if (alarmNotification === undefined) return { request, omitted: [] };
  const omitted = [
    `The alarmNotification of ${request.alarmModelName} is left out: this format does not support it`,
  ];
  return { request: rest, omitted };
}

/** The tags of a topic rule, which the API represents as one text. */
export function ruleTags(tags: unknown): readonly (readonly [key: string, value: string])[] {
  if (typeof tags !== 'string' || tags === '') return [];
  return tags.split('&').map((pair) => {
    const [key = '', value = ''] = pair.split('=');
    return [decodeURIComponent(key), decodeURIComponent(value)];
  });
}

/** Whether a rule sends to an input. Other rules are imported only if they are marked. */
export function sendsToInput({ topicRulePayload }: Request): boolean {
  const { actions = [] } = topicRulePayload as { readonly actions?: readonly Request[] };
  return actions.some(({ iotEvents }) => iotEvents !== undefined);
}
