import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '@tax-control/protocol';
import { keyPair, pemOf, TestAuthority } from '../testing/authority.js';
import { StandInServer, TERMINAL } from '../testing/stand-in-server.js';
import { type Credentials, Line, type SendResult } from './line.js';

/** Time of a request that meets a black hole: its share for the others is long enough for a busy machine. */
const HOLE_MS = 4_000;
/** How long a server has a request that other tills keep waiting. */
const HELD_MS = 300;
/** What a busy machine may add to a timer. */
const SLACK_MS = 20_000;
/** Timers may fire this much early by another clock. */
const TIMER_MS = 10;

let authority: TestAuthority;
let credentials: Credentials;
const endings: (() => unknown)[] = [];
beforeAll(async () => {
  authority = await TestAuthority.make();
  const { privateKey, publicKey } = keyPair();
  const certificate = await authority.terminalPem(TERMINAL, publicKey);
  credentials = { identity: { key: pemOf(privateKey), certificate }, authority: authority.pem };
});
afterEach(async () => {
  for (const ending of endings.splice(0).toReversed()) await ending();
});

async function standIn(port = 0): Promise<StandInServer> {
  const server = await StandInServer.start({ authority, port });
  endings.push(() => server.stop());
  return server;
}

/** Takes connections and says nothing. */
async function blackHole(): Promise<{ readonly address: string; readonly sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  endings.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { address: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets };
}

function lineTo(...addresses: string[]): Line {
  const line = new Line({ credentials: () => credentials, addresses: () => addresses, clock: systemClock });
  endings.push(() => line.close());
  return line;
}

function send(line: Line, milliseconds = 60_000): Promise<SendResult> {
  const until = systemClock.monotonicMs() + milliseconds;
  return line.send({ method: 'GET', path: '/v1/parameters' }, { connectBy: until, answerBy: until });
}

describe('the rate of the line', () => {
  it('is not that of a server which has the request for long', async () => {
    const server = await standIn();
    const line = lineTo(server.address);
    server.fault = () => ({ kind: 'hold', until: wait(HELD_MS) });
    const body = 'x'.repeat(20_000);
    const until = systemClock.monotonicMs() + 60_000;
    const sent = await line.send(
      { method: 'POST', path: '/v1/parameters', body },
      { connectBy: until, answerBy: until },
    );
    expect(sent).toMatchObject({ ok: true, answer: { status: 200 } });
    // The timer of the server may end a little before, and both round.
    const answerMs = sent.passage.answerMs! - (HELD_MS - TIMER_MS);
    expect(sent.passage.answerMs).toBeGreaterThanOrEqual(HELD_MS - TIMER_MS);
    expect(line.rate.known).toBeGreaterThanOrEqual((body.length * 1_000) / Math.max(answerMs, 1));
  });
});

describe('the kept connection', () => {
  it('carries one request after the other', async () => {
    const server = await standIn();
    const line = lineTo(server.address);
    const first = await send(line);
    const second = await send(line);
    expect([first.ok, second.ok, server.connections]).toEqual([true, true, 1]);
    expect(first.passage.connectMs).not.toBeNull();
    expect(first.passage.tlsMs).not.toBeNull();
    expect(second.passage).toMatchObject({ connectMs: null, tlsMs: null, address: server.address });
  });

  it('is followed by one that resumes its TLS session, and not by one of another certificate', async () => {
    const server = await standIn();
    const line = lineTo(server.address);
    await send(line);
    line.hangUp();
    expect((await send(line)).ok).toBe(true);
    expect([server.connections, server.resumed]).toEqual([2, 1]);
    const before = credentials;
    const { privateKey, publicKey } = keyPair();
    const certificate = await authority.terminalPem(TERMINAL, publicKey);
    credentials = { ...credentials, identity: { key: pemOf(privateKey), certificate } };
    expect((await send(line)).ok).toBe(true);
    credentials = before;
    expect([server.connections, server.resumed]).toEqual([3, 1]);
    expect(server.requests.at(-1)?.certificate?.toString()).toBe(new X509Certificate(certificate).toString());
  });

  it('is replaced without a word when the server had closed it meanwhile', async () => {
    const server = await standIn();
    const line = lineTo(server.address);
    await send(line);
    await server.stop();
    const restarted = await standIn(server.port);
    expect(await send(line)).toMatchObject({ ok: true });
    expect(restarted.requests).toHaveLength(1);
  });

  it('is given up for a new certificate', async () => {
    const server = await standIn();
    const line = lineTo(server.address);
    await send(line);
    const { privateKey, publicKey } = keyPair();
    const before = credentials;
    credentials = {
      ...before,
      identity: { key: pemOf(privateKey), certificate: await authority.terminalPem(TERMINAL, publicKey) },
    };
    await send(line);
    expect(server.connections).toBe(2);
    expect(server.requests[0]!.certificate!.fingerprint256).not.toBe(server.requests[1]!.certificate!.fingerprint256);
    credentials = before;
  });

  it('is not shared by two requests at once', async () => {
    const server = await standIn();
    const line = lineTo(server.address);
    let release: (value?: unknown) => void = () => undefined;
    const held = new Promise((resolve) => {
      release = resolve;
    });
    server.fault = () => (server.requests.length === 1 ? { kind: 'hold', until: held } : null);
    const late = send(line);
    while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await send(line)).toMatchObject({ ok: true });
    release();
    expect(await late).toMatchObject({ ok: true });
    expect(server.connections).toBe(2);
  });
});

describe('several addresses', () => {
  it('tries the next one when one is refused, and stays there', async () => {
    const gone = await standIn();
    await gone.stop();
    const server = await standIn();
    const line = lineTo(gone.address, server.address);
    const first = await send(line);
    expect(first).toMatchObject({ ok: true, passage: { address: server.address } });
    line.hangUp();
    expect(await send(line)).toMatchObject({ ok: true, passage: { address: server.address } });
    expect(server.connections).toBe(2);
  });

  it('shares the time, so that a black hole leaves room for the next', async () => {
    const hole = await blackHole();
    const server = await standIn();
    const began = systemClock.monotonicMs();
    const result = await send(lineTo(hole.address, server.address), HOLE_MS);
    const took = systemClock.monotonicMs() - began;
    expect(result).toMatchObject({ ok: true, passage: { address: server.address } });
    expect(hole.sockets).toHaveLength(1);
    expect(took).toBeGreaterThan(HOLE_MS / 2 - TIMER_MS);
    expect(took).toBeLessThan(HOLE_MS + SLACK_MS);
  });

  it('tries the next one when a server is not itself, and keeps the connection that works', async () => {
    const [busy, server] = [await standIn(), await standIn()];
    busy.fault = () => ({ kind: 'answer', status: 503, body: { code: 'server_busy' } });
    const line = lineTo(busy.address, server.address);
    expect(await send(line)).toMatchObject({ ok: true, answer: { status: 200 } });
    await send(line);
    expect([busy.requests.length, server.requests.length, server.connections]).toEqual([1, 2, 1]);
  });

  it('goes elsewhere when a server says goodbye, and back to it when it is the only one', async () => {
    const [leaving, other] = [await standIn(), await standIn()];
    leaving.fault = () => ({ kind: 'goodbye' });
    const line = lineTo(leaving.address, other.address);
    expect(await send(line)).toMatchObject({
      ok: true,
      answer: { isLast: true },
      passage: { address: leaving.address },
    });
    expect(await send(line)).toMatchObject({ ok: true, passage: { address: other.address } });
    await other.stop();
    expect(await send(line)).toMatchObject({ ok: true, passage: { address: leaving.address } });
    expect([leaving.connections, other.connections]).toEqual([2, 1]);
  });

  it('asks one that said goodbye after all others, although it is the one that worked lately', async () => {
    const [gone, leaving, other] = [await standIn(), await standIn(), await standIn()];
    await gone.stop();
    leaving.fault = () => ({ kind: 'goodbye' });
    const line = lineTo(gone.address, leaving.address, other.address);
    expect(await send(line)).toMatchObject({ ok: true, passage: { address: leaving.address } });
    expect(await send(line)).toMatchObject({ ok: true, passage: { address: other.address } });
  });

  it('gives the last one’s words when all fail, and names every address', async () => {
    const hole = await blackHole();
    const gone = await standIn();
    await gone.stop();
    const result = await send(lineTo(hole.address, gone.address), HOLE_MS);
    expect(result).toMatchObject({ ok: false, failure: { cause: 'connection_refused' } });
    expect(result.ok ? '' : result.failure.detail).toContain(hole.address);
  });

  it('keeps within its time whatever happens', async () => {
    const holes = [await blackHole(), await blackHole(), await blackHole()];
    const began = systemClock.monotonicMs();
    const result = await send(lineTo(...holes.map(({ address }) => address)), HOLE_MS);
    expect(systemClock.monotonicMs() - began).toBeLessThan(HOLE_MS + SLACK_MS);
    expect(result).toMatchObject({ ok: false, failure: { cause: 'connect_timeout' } });
    expect(holes.map(({ sockets }) => sockets.length)).toEqual([1, 1, 1]);
  });
});
