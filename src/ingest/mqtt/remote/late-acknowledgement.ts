import { Socket } from 'node:net';
import type { IPublishPacket, MqttClient } from 'mqtt';
import { Inbound } from '../inbound.ts';

/**
 * Takes the client's messages as they come, a bounded number at once, and acknowledges each when `accept` has resolved
 * for it and for all before it. When `accept` rejects, the connection is destroyed and nothing further is acknowledged:
 * the broker sends again what it has not seen acknowledged.
 *
 * MQTT.js acknowledges a message before it looks at the next one, so that there would be one commit for each message. It
 * goes on without an acknowledgement when its callback gets an error; the acknowledgement is written here.
 */
export function acknowledgeLate(
  client: MqttClient,
  accept: (packet: IPublishPacket) => Promise<void>,
  limit: number,
): void {
  const inbound = new Inbound(limit);
  const { stream } = client;
  // An acknowledgement is four bytes that nothing answers: TCP would hold back the next ones for some 40 ms, and what they
  // acknowledge comes again when the connection is lost meanwhile.
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

/** A PUBACK, which in MQTT 5 without a reason code means success. */
function acknowledgement(messageId: number): Buffer {
  return Buffer.of(0x40, 2, messageId >> 8, messageId & 0xff);
}
