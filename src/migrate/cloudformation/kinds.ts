import type { Kind } from '../report.ts';

/** The imported resource types, and the property with the name of each. */
export const OUR_TYPES: Readonly<Record<string, { readonly kind: Kind; readonly nameProperty: string }>> = {
  'AWS::IoTEvents::Input': { kind: 'input', nameProperty: 'InputName' },
  'AWS::IoTEvents::DetectorModel': { kind: 'detectorModel', nameProperty: 'DetectorModelName' },
  'AWS::IoTEvents::AlarmModel': { kind: 'alarmModel', nameProperty: 'AlarmModelName' },
  'AWS::IoT::TopicRule': { kind: 'topicRule', nameProperty: 'RuleName' },
};

/** Metadata key that makes the import keep a topic rule without an input. Written by our own exports. */
export const MARKED_RULE = 'tripline:import';
