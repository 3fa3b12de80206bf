import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Line, startLine } from './line.js';

let server: Server;
let line: Line;
const sockets: Socket[] = [];
const served: Socket[] = [];
const received: string[] = [];

beforeEach(async () => {
  received.length = 0;
  served.length = 0;
  server = createServer((socket) => {
    served.push(socket);
    socket
      .on('error', () => {})
      .on('data', (bytes) => {
        received.push(bytes.toString());
        socket.write(`re: ${bytes.toString()}`);
      });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  line = await startLine({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }, 50);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await line.close();
  server.close();
});

async function call(): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: line.port });
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

async function ask(socket: Socket, question: string): Promise<string> {
  socket.write(question);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.toString();
}

describe('the line', () => {
  it('passes bytes on both ways', async () => {
    const till = await call();
    expect(await ask(till, 'one')).toBe('re: one');
    expect(await ask(till, 'two')).toBe('re: two');
  });

  it('loses one answer of one connection: the request arrives, the answer does not, others go on', async () => {
    const [till, other] = [await call(), await call()];
    await ask(till, 'hello');
    const lost = line.loseNextAnswer();
    const heard: string[] = [];
    till.on('data', (bytes) => heard.push(bytes.toString()));
    const closed = once(till, 'close');
    till.write('request');
    await expect.poll(() => lost.bytesLost).toBe('re: request'.length);
    expect(received).toContain('request');
    expect(await ask(other, 'hello')).toBe('re: hello');
    expect(await ask(other, 'request')).toBe('re: request');
    await closed;
    expect(heard).toStrictEqual([]);
    const again = await call();
    await ask(again, 'hello');
    expect(await ask(again, 'request')).toBe('re: request');
  });

  it('lets the handshake of a new connection through before it loses an answer', async () => {
    const lost = line.loseNextAnswer();
    const till = await call();
    expect(await ask(till, 'hello')).toBe('re: hello');
    till.write('request');
    await expect.poll(() => lost.bytesLost).toBeGreaterThan(0);
  });

  it('cuts what is open, refuses what is new, and mends at the same port', async () => {
    const till = await call();
    const closed = once(
      till.on('error', () => {}),
      'close',
    );
    await line.cut();
    await closed;
    await expect(call()).rejects.toThrow('ECONNREFUSED');
    await line.mend();
    expect(await ask(await call(), 'one')).toBe('re: one');
  });

  it('ends the connection of a till when the server ends it', async () => {
    const till = await call();
    await ask(till, 'hello');
    const closed = once(till, 'close');
    for (const socket of served) socket.destroy();
    await closed;
    expect(till.destroyed).toBe(true);
  });
});
