import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Line, type LineFault, startLine } from './line.js';

/** Says a word first, as in a handshake, and repeats what it hears. */
let server: Server;
let line: Line;
let heard: string;
const clients: Socket[] = [];

beforeEach(async () => {
  heard = '';
  server = createServer((socket) => {
    socket.on('error', () => undefined).write('hello ');
    socket.on('data', (bytes) => {
      heard += bytes.toString();
      socket.write(bytes);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  line = await startLine((server.address() as AddressInfo).port);
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await line.close();
  server.close();
});

/** Connects and waits for the first word. */
async function open(): Promise<{
  readonly socket: Socket;
  readonly got: () => string;
  readonly ended: Promise<string>;
}> {
  const socket = connect(line.port, '127.0.0.1');
  clients.push(socket);
  let got = '';
  let error = 'closed';
  socket.on('data', (bytes) => (got += bytes.toString()));
  const ended = new Promise<string>((resolve) => {
    socket.on('error', (fault) => (error = (fault as NodeJS.ErrnoException).code ?? ''));
    socket.on('close', () => resolve(error));
  });
  await Promise.race([new Promise((resolve) => socket.once('data', resolve)), ended]);
  return { socket, got: () => got, ended };
}

describe('a line', () => {
  it('passes everything on when it is well', async () => {
    const { socket, got } = await open();
    socket.write('a sale');
    await expect.poll(got).toBe('hello a sale');
    expect(await line.mend()).toBe(0);
  });

  it.each<[fault: LineFault, heard: string]>([
    [{ kind: 'drop_request' }, ''],
    [{ kind: 'drop_answer' }, 'a sale'],
    [{ kind: 'half_open' }, ''],
  ])('%j lets a till wait, also when it is well again', async (fault, arrived) => {
    const { socket, got } = await open();
    await line.break(fault);
    socket.write('a sale');
    const other = await open();
    await expect.poll(() => heard).toBe(arrived);
    expect(await line.mend()).toBeGreaterThan(0);
    socket.write(' and another');
    other.socket.write('well');
    await expect.poll(other.got).toContain('well');
    expect(got()).toBe('hello ');
  });

  it.each<[fault: LineFault, how: string]>([
    [{ kind: 'cut', afterBytes: 9 }, 'closed'],
    [{ kind: 'reset', afterBytes: 9 }, 'ECONNRESET'],
  ])('%j ends a connection after so many bytes', async (fault, how) => {
    await line.break(fault);
    const { socket, ended } = await open();
    socket.write('a sale');
    expect(await ended).toBe(how);
    expect(heard.length).toBeLessThanOrEqual(3);
    expect(await line.mend()).toBe(1);
  });

  it('refuses connections, and takes them again', async () => {
    const { ended } = await open();
    await line.break({ kind: 'refuse' });
    expect(await ended).toBe('closed');
    expect(await (await open()).ended).toBe('ECONNREFUSED');
    expect(await line.mend()).toBe(1);
    const { socket, got } = await open();
    socket.write('a sale');
    await expect.poll(got).toBe('hello a sale');
  });

  it('lets a second connection say the same', async () => {
    await line.break({ kind: 'double' });
    const { socket, got } = await open();
    socket.write('a sale');
    await expect.poll(got).toBe('hello a sale');
    await expect.poll(() => heard).toBe('a salea sale');
    expect(await line.mend()).toBe(1);
  });

  it.each<LineFault>([
    { kind: 'delay', ms: 50 },
    { kind: 'slow', bytesPerSecond: 200 },
  ])('%j is late, in order', async (fault) => {
    await line.break(fault);
    const began = performance.now();
    const { socket, got } = await open();
    for (const word of ['one ', 'two ', 'three']) socket.write(word);
    await expect.poll(got).toBe('hello one two three');
    expect(performance.now() - began).toBeGreaterThan(80);
    expect(await line.mend()).toBeGreaterThan(0);
  });
});
