import { connect } from 'node:net';

/** Subscribes to everything but reads nothing; reconnects when it is disconnected. Returns a function that ends it. */
export function subscribeSlowly(port, clientId) {
  let isOver = false;
  let socket;
  const again = () => {
    if (isOver) return;
    socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.on('close', () => setTimeout(again, 500));
    const id = Buffer.from(clientId);
    const connectPacket = [
      0x10,
      12 + id.length,
      0,
      4,
      ...Buffer.from('MQTT'),
      4,
      2,
      0,
      0,
      0,
      id.length,
      ...id,
    ];
    const subscribePacket = [0x82, 6, 0, 1, 0, 1, ...Buffer.from('#'), 0];
    socket.write(Buffer.from(connectPacket));
    socket.once('data', () => {
      socket.write(Buffer.from(subscribePacket));
      socket.pause();
    });
  };
  again();
  return () => {
    isOver = true;
    socket.destroy();
  };
}
