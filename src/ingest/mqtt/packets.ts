import type { ConnectPacket } from 'aedes';
import type { Message } from './message.ts';

/** A payload as bytes; the library also passes strings. */
export function bytesOf(payload: string | Buffer): Buffer {
  return Buffer.isBuffer(payload) ? payload : Buffer.from(payload);
}

/** The client's will: the message to publish when its connection is lost. */
export function willOf(connect: ConnectPacket | undefined): Message | undefined {
  const will = connect?.will;
  return (
    will && {
      topic: will.topic,
      payload: bytesOf(will.payload),
      qos: will.qos === 0 ? 0 : 1,
      retain: will.retain === true,
    }
  );
}
