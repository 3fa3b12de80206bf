import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { written } from '@tax-control/protocol/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { receiveHeader, type Received } from './receive-header.js';

const HEADER = 'PROXY TCP4 203.0.113.9 127.0.0.1 49153 8443\r\n';
const CLIENT = { address: '203.0.113.9', port: 49_153 };

let server: Server;
let balancer: Socket;
let accepted: Socket;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connection = once(server, 'connection') as Promise<[Socket]>;
  balancer = connect((server.address() as AddressInfo).port, '127.0.0.1');
  [accepted] = await connection;
});

afterEach(async () => {
  vi.useRealTimers();
  balancer.destroy();
  accepted.destroy();
  server.close();
  await once(server, 'close');
});

function received(): Promise<Received> {
  return new Promise((resolve) => {
    receiveHeader(accepted, resolve);
  });
}

it('takes the header byte by byte, and leaves what follows', async () => {
  const header = received();
  for (const byte of HEADER) {
    balancer.write(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  balancer.write('TLS');
  expect(await header).toEqual({ ok: true, client: CLIENT });
  accepted.setEncoding('latin1');
  expect(await once(accepted, 'data')).toEqual(['TLS']);
});

it('reads on when its parts came before it looked', async () => {
  const [start, rest] = [HEADER.slice(0, 9), HEADER.slice(9)];
  for (const part of [start, rest, 'TLS']) {
    balancer.write(part);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await received()).toEqual({ ok: true, client: CLIENT });
  expect(written(accepted)).toBe('TLS');
});

it('leaves what came in the same packet', async () => {
  const header = received();
  balancer.write(`${HEADER}TLS`);
  expect(await header).toEqual({ ok: true, client: CLIENT });
  expect(written(accepted)).toBe('TLS');
});

it('gives up a balancer that says nothing in time', async () => {
  const header = received();
  balancer.write('PROXY ');
  await once(accepted, 'readable');
  vi.advanceTimersByTime(3_000);
  expect(await header).toMatchObject({ ok: false, why: expect.stringContaining('3000 ms') as string });
});

it('tells an end within the header from one before it', async () => {
  const cut = received();
  balancer.end('PROXY TCP4');
  expect(await cut).toMatchObject({ ok: false, why: expect.stringContaining('ended within') as string });
});

it('has nothing to say of a connection without a byte', async () => {
  const silent = received();
  balancer.end();
  expect(await silent).toEqual({ ok: false, why: null });
});
