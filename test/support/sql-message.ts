import { type Message, Payload } from '../../src/ingest/sql/index.ts';

/** The UUID of messages in the tests. */
const UUID = '7e146a2c-95b5-6caf-98b9-50e3969734c7';

/** A message in the form of the conformance cases. */
export function sqlMessage(topic: string, payload: Buffer, more: Partial<Message> = {}): Message {
  const text = payload.toString('utf8');
  return {
    payload: new Payload(payload, Buffer.from(text).equals(payload) ? text : undefined),
    topic,
    clientId: 'client-1',
    traceId: UUID,
    principal: undefined,
    sourceIp: '192.0.2.1',
    properties: {
      userProperties: [
        { key: 'unit', value: 'C' },
        { key: 'unit', value: 'F' },
      ],
      contentType: 'application/json',
      correlationData: Buffer.from([1, 2]),
    },
    accountId: '123456789012',
    now: 1_481_825_251_155,
    newUuid: () => UUID,
    random: () => 0.5,
    ...more,
  };
}
