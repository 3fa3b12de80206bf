import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
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
  listeners = new Listeners(settings.limits, new PinoLog('error'), proxyProtocolFrom, CONNECTIONS_MAX);
  listeners.serve(handler);
  const ring = new KeyRing(new DirectoryCustody(keys.directory));
  addresses = await listeners.open(settings.listeners, {
    terminals: { ...(await TerminalListener.of(ring)).material(), ca: keys.ca },
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
    const checks = await open(8, BALANCER, 'PROXY UNKNOWN\r\n');
    const client = await open(2, BALANCER, named('203.0.113.1'));
    await expect.poll(() => openOf(client)).toBe(1);
    expect(openOf(checks)).toBe(8);
  });
});
