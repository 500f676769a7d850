import type { IClientPublishOptions, IPublishPacket } from 'mqtt';
import type { MqttProperties, Publication, Republication } from '../../rules/publication.ts';

/**
 * The number of rules that a message has passed through, carried along when it returns by a subscription
 * (docs/topic-rules.md: Actions).
 */
const HOPS = 'tripline-hops';

/** Converts a message received from the broker, over MQTT 5 if `hasProperties`. */
export function publicationOf(packet: IPublishPacket, hasProperties: boolean): Publication {
  const { topic, payload, properties = {} } = packet;
  const pairs = Object.entries(properties.userProperties ?? {}).flatMap(([key, values]) =>
    [values].flat().map((value) => ({ key, value })),
  );
  const hops = pairs.find(({ key }) => key === HOPS)?.value;
  return {
    topic,
    payload: Buffer.isBuffer(payload) ? payload : Buffer.from(payload),
    via: 'mqtt',
    hops: hops !== undefined && /^\d{1,6}$/.test(hops) ? Number(hops) : undefined,
    properties: hasProperties
      ? {
          userProperties: pairs.filter(({ key }) => key !== HOPS),
          payloadFormatIndicator: properties.payloadFormatIndicator,
          contentType: properties.contentType,
          responseTopic: properties.responseTopic,
          correlationData: properties.correlationData,
          messageExpiry: properties.messageExpiryInterval,
        }
      : undefined,
  };
}

/** The MQTT 5 properties of a message that a rule publishes. */
export function publishProperties({
  properties,
  hops,
}: Republication): NonNullable<IClientPublishOptions['properties']> {
  const given: MqttProperties = properties ?? {};
  const userProperties: Record<string, string[]> = Object.create(null);
  for (const { key, value } of given.userProperties ?? []) {
    userProperties[key] ??= [];
    userProperties[key].push(value);
  }
  userProperties[HOPS] = [String(hops)];
  const { payloadFormatIndicator, contentType, responseTopic, correlationData, messageExpiry } = given;
  return {
    userProperties,
    ...(payloadFormatIndicator !== undefined && { payloadFormatIndicator }),
    ...(contentType !== undefined && { contentType }),
    ...(responseTopic !== undefined && { responseTopic }),
    ...(correlationData !== undefined && { correlationData }),
    ...(messageExpiry !== undefined && { messageExpiryInterval: messageExpiry }),
  };
}
