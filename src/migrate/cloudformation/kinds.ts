import type { Kind } from '../report.ts';

/** The resource types that are imported, and the property that names each. */
export const OUR_TYPES: Readonly<Record<string, { readonly kind: Kind; readonly nameProperty: string }>> = {
  'AWS::IoTEvents::Input': { kind: 'input', nameProperty: 'InputName' },
  'AWS::IoTEvents::DetectorModel': { kind: 'detectorModel', nameProperty: 'DetectorModelName' },
  'AWS::IoTEvents::AlarmModel': { kind: 'alarmModel', nameProperty: 'AlarmModelName' },
  'AWS::IoT::TopicRule': { kind: 'topicRule', nameProperty: 'RuleName' },
};

/** Metadata of a topic rule that is imported although it sends to no input: our own exports have it. */
export const MARKED_RULE = 'tripline:import';
