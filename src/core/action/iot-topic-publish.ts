import { utf8Length } from '../expression/utf8.ts';
import { type Build, built, refused } from './request.ts';

/** The longest topic that AWS IoT Core and most brokers accept, in bytes. */
const LONGEST_TOPIC = 256;

/** iotTopicPublish: Publish with quality of service 0, not retained (reference: actions 3). */
export const iotTopicPublish: Build = ({ parameters, payload }) => {
  const topic = parameters.mqttTopic;
  if (typeof topic !== 'string')
    return refused('The mqttTopic of the iotTopicPublish action is not a string');
  const fault = topicFault(topic);
  if (fault !== undefined) return refused(`The mqttTopic ${JSON.stringify(topic)} ${fault}`);
  return built('iot-data', 'Publish', { topic, qos: 0, payload: payload.text });
};

/** Returns why a topic cannot be published to; undefined if it can. */
function topicFault(topic: string): string | undefined {
  if (topic === '') return 'is empty';
  if (/[+#]/.test(topic)) return 'has a wildcard';
  if (topic.includes('\0')) return 'has a NUL character';
  if (utf8Length(topic) > LONGEST_TOPIC) return `is longer than ${LONGEST_TOPIC} bytes`;
  return undefined;
}
