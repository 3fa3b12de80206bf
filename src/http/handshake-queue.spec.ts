import { createServer } from 'node:https';
import { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { HandshakeQueue } from './handshake-queue.js';

function queueThatRecords() {
  const server = createServer();
  const begun: Socket[] = [];
  server.removeAllListeners('connection').on('connection', (socket: Socket) => void begun.push(socket));
  return { server, begun, queue: new HandshakeQueue(server) };
}

it('begins a few handshakes in each turn of the event loop, in the order of their coming', async () => {
  const { server, begun, queue } = queueThatRecords();
  const sockets = Array.from({ length: 10 }, () => new Socket());
  for (const socket of sockets) server.emit('connection', socket);
  expect(begun).toHaveLength(0);
  expect(queue.waiting).toBe(10);
  await turn();
  expect(begun).toHaveLength(4);
  await turn();
  expect(begun).toHaveLength(8);
  await turn();
  expect(begun).toEqual(sockets);
  expect(queue.waiting).toBe(0);
});

it('forgets a connection that ends while it waits', async () => {
  const { server, begun, queue } = queueThatRecords();
  const sockets = Array.from({ length: 6 }, () => new Socket());
  for (const socket of sockets) server.emit('connection', socket);
  sockets[1]!.destroy(new Error('reset by the client'));
  await turn();
  await turn();
  expect(begun).toEqual(sockets.filter((socket) => socket !== sockets[1]));
  expect(queue.waiting).toBe(0);
});
