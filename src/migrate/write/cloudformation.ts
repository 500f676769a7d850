import { MARKED_RULE } from '../cloudformation/kinds.ts';
import {
  type Request,
  type Requests,
  ruleTags,
  sendsToInput,
  type Written,
  withoutNotification,
} from './requests.ts';

interface Resource {
  readonly Type: string;
  readonly Metadata?: object;
  readonly Properties: unknown;
}

/** Renders everything as one template in JSON (docs/migrating.md: Export). */
export function writeCloudFormation({ inputs, detectorModels, alarmModels, topicRules }: Requests): Written {
  const resources: Record<string, Resource> = {};
  const add = (name: unknown, suffix: string, resource: Resource) => {
    resources[logicalId(`${name}${suffix}`, resources)] = resource;
  };
  const omitted: string[] = [];
  for (const request of inputs) add(request.inputName, 'Input', typed('Input', request));
  for (const request of detectorModels) {
    add(request.detectorModelName, 'DetectorModel', typed('DetectorModel', request));
  }
  for (const given of alarmModels) {
    const { request, omitted: more } = withoutNotification(given);
    omitted.push(...more);
    add(request.alarmModelName, 'AlarmModel', typed('AlarmModel', request));
  }
  for (const request of topicRules) add(request.ruleName, 'TopicRule', rule(request));
  const template = { AWSTemplateFormatVersion: '2010-09-09', Resources: resources };
  return { text: `${JSON.stringify(template, null, 2)}\n`, omitted };
}

function typed(type: string, request: Request): Resource {
  return { Type: `AWS::IoTEvents::${type}`, Properties: propertyOf(request) };
}

function rule(request: Request): Resource {
  const { tags, ...rest } = request;
  const pairs = ruleTags(tags).map(([Key, Value]) => ({ Key: literal(Key), Value: literal(Value) }));
  const properties = propertyOf(rest) as object;
  return {
    Type: 'AWS::IoT::TopicRule',
    ...(!sendsToInput(request) && { Metadata: { [MARKED_RULE]: true } }),
    Properties: pairs.length > 0 ? { ...properties, Tags: pairs } : properties,
  };
}

/** Capitalises member names and escapes texts that have a meaning in CloudFormation. */
function propertyOf(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return literal(value);
  if (Array.isArray(value)) return value.map((item: unknown) => propertyOf(item));
  if (typeof value !== 'object' || value === null) return value;
  const rename = (member: string) =>
    name === 'clientProperties' ? member : member.charAt(0).toUpperCase() + member.slice(1);
  return Object.fromEntries(
    Object.entries(value).map(([member, each]) => [rename(member), propertyOf(each, member)]),
  );
}

/** Joins a text that looks like a dynamic reference from parts that do not. */
function literal(text: string): unknown {
  if (!text.includes('{{resolve:')) return text;
  const parts = text
    .split('{{resolve:')
    .flatMap((part, index) => (index === 0 ? [part] : ['{{', `resolve:${part}`]));
  return { 'Fn::Join': ['', parts] };
}

/** A unique name of letters and digits only. */
function logicalId(name: string, taken: object): string {
  const id = name.replace(/[^a-zA-Z0-9]/g, '');
  if (!Object.hasOwn(taken, id)) return id;
  for (let number = 2; ; number++) if (!Object.hasOwn(taken, `${id}${number}`)) return `${id}${number}`;
}
