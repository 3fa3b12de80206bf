import { createServer } from 'node:https';
import { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { beginsIn, HandshakeQueue } from './handshake-queue.js';

function queueThatRecords() {
  const server = createServer();
  const begun: Socket[] = [];
  server.removeAllListeners('connection').on('connection', (socket: Socket) => void begun.push(socket));
  return { server, begun, queue: new HandshakeQueue(server) };
}

it('begins handshakes turn by turn of the event loop, in the order of their coming', async () => {
  const { server, begun, queue } = queueThatRecords();
  const sockets = Array.from({ length: 10 }, () => new Socket());
  for (const socket of sockets) server.emit('connection', socket);
  expect(begun).toHaveLength(0);
  expect(queue.waiting).toBe(10);
  let turns = 0;
  for (; queue.waiting > 0; turns += 1) await turn();
  expect(turns).toBeGreaterThan(1);
  expect(begun).toEqual(sockets);
});

it('begins one in a short turn, and more in a long one, so that handshakes get half of the time', () => {
  expect([0, 2, 12, 60].map(beginsIn)).toEqual([1, 1, 4, 20]);
});

it('forgets a connection that ends while it waits', async () => {
  const { server, begun, queue } = queueThatRecords();
  const sockets = Array.from({ length: 6 }, () => new Socket());
  for (const socket of sockets) server.emit('connection', socket);
  sockets[1]!.destroy(new Error('reset by the client'));
  while (queue.waiting > 0) await turn();
  expect(begun).toEqual(sockets.filter((socket) => socket !== sockets[1]));
  expect(queue.waiting).toBe(0);
});
