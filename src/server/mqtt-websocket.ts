import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { refuseForeign } from '../api/origin.ts';
import type { Transport } from '../ingest/mqtt/connection.ts';
import { ServiceError } from '../wire/errors.ts';
import type { ServeConfig } from './config.ts';

export interface WebSocketOptions {
  readonly config: ServeConfig;
  /** Returns the function that takes a connection; throws ServiceError when there is currently none. */
  readonly connect: () => (transport: Transport) => void;
}

/** Maximum bytes of a packet beside the payload. */
const BESIDE_PAYLOAD = 64 * 1024;

/**
 * MQTT over WebSocket, at `/mqtt` on the API's port. Returns the handler for upgrade requests. Pages of other origins
 * are refused, as for every other request; so is clear text from other machines, unless `--insecure` is set.
 */
export function mqttWebSocket({ config, connect }: WebSocketOptions) {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: config.limits.mqttPayloadBytes + BESIDE_PAYLOAD,
    handleProtocols: (protocols) => PROTOCOLS.find((protocol) => protocols.has(protocol)) ?? false,
  });
  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    try {
      refuseForeign(request.headers, config.allowedHosts);
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      if (pathname !== '/mqtt') throw new Error('MQTT over WebSocket is at /mqtt');
      const transport = transportOf(request.socket);
      if (!transport.isEncrypted && !isLocal(transport.address) && !config.insecure)
        throw new Error('MQTT over WebSocket from other machines needs TLS, or --insecure');
      const take = connect();
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        let code = NO_CLOSE_FRAME;
        // Before the stream's own listener, which ends the connection.
        webSocket.once('close', (received) => {
          code = received;
        });
        const isClosedByClient = () => code !== NO_CLOSE_FRAME;
        take({ ...transport, stream: createWebSocketStream(webSocket), isClosedByClient });
      });
    } catch (error) {
      const status = error instanceof ServiceError ? error.status : 400;
      refuse(socket, status, error instanceof Error ? error.message : String(error));
    }
  };
}

/** The code of a connection that ended without a close frame (RFC 6455, 7.4.1). */
const NO_CLOSE_FRAME = 1006;
const PROTOCOLS = ['mqtt', 'mqttv3.1'];

function transportOf(socket: Socket): Omit<Transport, 'stream'> {
  return { address: socket.remoteAddress?.replace(/^::ffff:/, '') ?? '', isEncrypted: 'encrypted' in socket };
}

function isLocal(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

function refuse(socket: Duplex, status: number, message: string): void {
  const body = `${message}\n`;
  const head = [
    `HTTP/1.1 ${status} Refused`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.on('error', () => {});
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
