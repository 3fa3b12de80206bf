import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '@tax-control/protocol';
import { readSettings } from '../src/configuration/read-settings.js';
import { type ListenerAddresses, Listeners } from '../src/http/listeners.js';
import { DirectoryCustody } from '../src/keys/directory-custody.js';
import { KeyRing } from '../src/keys/key-ring.js';
import { PinoLog } from '../src/observability/pino-log.js';
import { TerminalListener } from '../src/keys/terminal-listener.js';
import { makeTestKeys, type TestKeys } from './support/keys.js';

/** Of both TLS listeners; the public one has a quarter of them, ten. */
const CONNECTIONS_MAX = 40;
const BALANCER = '127.0.0.1';
const DIRECT = '127.0.0.2';

let keys: TestKeys;
let listeners: Listeners;
let addresses: ListenerAddresses;
const sockets: Socket[] = [];

beforeAll(async () => {
  keys = await makeTestKeys();
});
afterAll(() => keys.remove());
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await listeners.close();
});

async function listen(proxyProtocolFrom: readonly string[], handler: RequestListener = () => undefined): Promise<void> {
  const settings = readSettings({
    DATABASE_URL: 'postgresql://nobody@localhost/none',
    KEYS_DIRECTORY: keys.directory,
    TERMINALS_PORT: '0',
    PUBLIC_PORT: '0',
    OPERATOR_PORT: '0',
  });
  listeners = new Listeners(settings.limits, new PinoLog('error'), proxyProtocolFrom, {
    connectionsMax: CONNECTIONS_MAX,
    answersBytes: Infinity,
  });
  listeners.serve(handler);
  const ring = new KeyRing(new DirectoryCustody(keys.directory), systemClock);
  addresses = await listeners.open(settings.listeners, {
    terminals: { ...(await TerminalListener.of(ring, systemClock)).material(), ca: keys.ca },
    public: ring.publicListener(),
  });
}

/** Opens connections of one client to the public listener, each with the header that comes before TLS. */
async function open(count: number, from: string, header?: string): Promise<Socket[]> {
  const opened: Socket[] = [];
  for (let index = 0; index < count; index += 1) {
    const socket = connect({ host: '127.0.0.1', port: addresses.public.port, localAddress: from });
    sockets.push(socket);
    socket.on('error', () => undefined).resume();
    await once(socket, 'connect');
    if (header !== undefined) socket.write(header);
    opened.push(socket);
  }
  return opened;
}

function openOf(those: readonly Socket[]): number {
  return those.filter((socket) => !socket.destroyed).length;
}

function named(client: string): string {
  return `PROXY TCP4 ${client} 127.0.0.1 49153 9443\r\n`;
}

describe('connections of one address', () => {
  it.each<readonly [string, readonly string[], string, string | undefined, string, string | undefined]>([
    ['without balancers', [], '127.0.0.3', undefined, DIRECT, undefined],
    ['that a balancer names', [BALANCER], BALANCER, named('203.0.113.1'), BALANCER, named('203.0.113.2')],
    ['that come past the balancer', [BALANCER], DIRECT, undefined, '127.0.0.3', undefined],
  ])('are as many as are still free, %s', async (_name, balancers, first, firstHeader, second, secondHeader) => {
    await listen(balancers);
    const many = await open(7, first, firstHeader);
    await expect.poll(() => openOf(many)).toBe(5);
    const others = await open(3, second, secondHeader);
    await expect.poll(() => openOf(others)).toBe(2);
    expect(openOf(many)).toBe(5);
  });

  it('are not counted for the balancer, which speaks for itself', async () => {
    await listen([BALANCER]);
    const checks = await open(7, BALANCER, 'PROXY UNKNOWN\r\n');
    const client = await open(2, BALANCER, named('203.0.113.1'));
    await expect.poll(() => openOf(client)).toBe(1);
    expect(openOf(checks)).toBe(7);
  });
});

/** Answers at once, but never what is asked under `/held`. */
const ANSWER: RequestListener = (request, response) => {
  if (request.url !== '/held') response.end('answered');
};

/** A client that has had an answer and keeps its connection for the next request. */
async function client(from: string): Promise<TLSSocket> {
  const { port } = addresses.public;
  const below = connect({ host: '127.0.0.1', port, localAddress: from });
  const socket = connectTls({ socket: below, rejectUnauthorized: false });
  sockets.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  socket.write(requestOf('/'));
  await once(socket, 'data');
  return socket;
}

function requestOf(path: string): string {
  return `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`;
}

/** Eight of the ten connections may stay open while idle ones are there. */
describe('when four fifths of the connections are open', () => {
  it('closes silent ones of the address that has most, one for each that comes, and no client that waits', async () => {
    await listen([], ANSWER);
    const silent = await open(5, DIRECT);
    const clients: Socket[] = [];
    for (const host of [3, 4, 5]) clients.push(await client(`127.0.0.${host}`));
    expect(openOf(silent)).toBe(5);
    clients.push(await client('127.0.0.6'));
    await expect.poll(() => openOf(silent)).toBe(4);
    clients.push(await client('127.0.0.7'));
    await expect.poll(() => openOf(silent)).toBe(3);
    expect(openOf(clients)).toBe(5);
  });

  it('closes of one address what has asked nothing, then what is idle for longest, and nothing in progress', async () => {
    await listen([], ANSWER);
    const [busy, early, late] = [await client(DIRECT), await client(DIRECT), await client(DIRECT)];
    const [silent] = await open(1, DIRECT);
    busy.write(requestOf('/held'));
    early.write(requestOf('/'));
    await once(early, 'data');
    const others: Socket[] = [];
    for (const host of [3, 4, 5, 6, 7]) others.push(await client(`127.0.0.${host}`));
    await expect.poll(() => openOf([silent!])).toBe(0);
    others.push(await client('127.0.0.8'));
    await expect.poll(() => openOf([late])).toBe(0);
    expect(openOf([busy, early, ...others])).toBe(8);
  });

  it('closes one that has asked nothing where all addresses have as many', async () => {
    await listen([], ANSWER);
    const first = await client('127.0.0.3');
    const [silent] = await open(1, '127.0.0.4');
    const others: Socket[] = [];
    for (const host of [5, 6, 7, 8, 9, 10, 11]) others.push(await client(`127.0.0.${host}`));
    await expect.poll(() => openOf([silent!])).toBe(0);
    expect(openOf([first, ...others])).toBe(8);
  });

  it('lets those go on that came first where many come at once', async () => {
    await listen([], ANSWER);
    const many: Socket[] = [];
    for (let host = 3; host < 20; host += 1) many.push(...(await open(1, `127.0.0.${host}`)));
    await expect.poll(() => openOf(many)).toBe(8);
    expect(openOf(many.slice(0, 7))).toBe(7);
  });
});
