/** A PUBLISH packet of quality of service 0 or 1. */
export interface OrdinaryPublish {
  readonly topic: string;
  /** A view of the bytes that were read. */
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  /** 0 when the quality of service is 0. */
  readonly messageId: number;
  /** Where the next packet begins. */
  readonly end: number;
}

const PUBLISH = 3;
const MOST_LEVELS = 100;
const LENGTH_BYTES = 4;

/**
 * Reads the PUBLISH packet (MQTT 3.1.1: 3.3) at an offset. Returns undefined for anything out of the ordinary, which is
 * left to the broker library with its checks: another packet or quality of service, a packet that is not complete or
 * not valid, a topic that is not plain ASCII.
 */
export function readPublish(bytes: Buffer, offset: number): OrdinaryPublish | undefined {
  const first = bytes[offset] as number;
  const qos = (first >> 1) & 3;
  if (first >> 4 !== PUBLISH || qos > 1) return undefined;
  let at = offset + 1;
  let length = 0;
  for (let count = 0; ; count++) {
    const byte = bytes[at++];
    if (byte === undefined || count === LENGTH_BYTES) return undefined;
    length |= (byte & 0x7f) << (7 * count);
    if (byte < 0x80) break;
  }
  const end = at + length;
  if (end > bytes.length || length < 2) return undefined;
  const topicAt = at + 2;
  const topicEnd = topicAt + bytes.readUInt16BE(at);
  const payloadAt = topicEnd + 2 * qos;
  if (payloadAt > end || !isPlainTopic(bytes, topicAt, topicEnd)) return undefined;
  const messageId = qos === 0 ? 0 : bytes.readUInt16BE(topicEnd);
  if (qos === 1 && messageId === 0) return undefined;
  return {
    topic: bytes.toString('latin1', topicAt, topicEnd),
    payload: bytes.subarray(payloadAt, end),
    qos: qos === 0 ? 0 : 1,
    retain: (first & 1) === 1,
    messageId,
    end,
  };
}

/** Whether the bytes are a topic of printable ASCII without wildcards. */
function isPlainTopic(bytes: Buffer, start: number, end: number): boolean {
  let levels = 1;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte < 0x20 || byte > 0x7e || byte === HASH || byte === PLUS) return false;
    if (byte === SLASH) levels++;
  }
  return end > start && levels <= MOST_LEVELS;
}

const HASH = 0x23;
const PLUS = 0x2b;
const SLASH = 0x2f;

/** The PUBACK packets (MQTT 3.1.1: 3.4) for messages, one after another. */
export function writePubacks(messageIds: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * messageIds.length);
  let at = 0;
  for (const messageId of messageIds) {
    at = bytes.writeUInt16BE(0x4002, at);
    at = bytes.writeUInt16BE(messageId, at);
  }
  return bytes;
}
