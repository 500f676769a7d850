import { Socket } from 'node:net';
import type { IPublishPacket, MqttClient } from 'mqtt';
import { Inbound } from '../inbound.ts';

/**
 * Takes the client's messages as they arrive, a bounded number at once, and acknowledges each when `accept` has
 * resolved for it and all earlier ones. When `accept` rejects, the connection is destroyed and nothing further is
 * acknowledged: the broker resends unacknowledged messages.
 *
 * MQTT.js acknowledges a message before it handles the next one, which would force one commit for each message. When
 * its callback gets an error it continues without an acknowledgement, so the acknowledgement is written here.
 */
export function acknowledgeLate(
  client: MqttClient,
  accept: (packet: IPublishPacket) => Promise<void>,
  limit: number,
): void {
  const inbound = new Inbound(limit);
  const { stream } = client;
  // An acknowledgement is a four-byte write without a reply: TCP would delay the following ones by about 40 ms, and the
  // messages would be resent if the connection were lost meanwhile.
  if (stream instanceof Socket) stream.setNoDelay(true);
  let underWay = 0;
  let resume: (() => void) | undefined;
  client.handleMessage = (packet, goOn) => {
    underWay++;
    inbound.take(
      () => accept(packet),
      (error) => {
        underWay--;
        if (error !== undefined) stream.destroy(error);
        else if (packet.qos === 1 && !stream.destroyed) stream.write(acknowledgement(packet.messageId ?? 0));
        resume?.();
        resume = undefined;
      },
    );
    const next = () => goOn(packet.qos === 0 ? undefined : new Error('acknowledged later'));
    if (underWay < limit) next();
    else resume = next;
  };
}

/** A PUBACK; in MQTT 5 an absent reason code means success. */
function acknowledgement(messageId: number): Buffer {
  return Buffer.of(0x40, 2, messageId >> 8, messageId & 0xff);
}
