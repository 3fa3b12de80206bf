import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { LIMITS } from '@tax-control/protocol';
import { BODY_KINDS, BodyBudget, SHORT_BODY_BYTES_MAX } from '../../src/http/bodies/body-budget.js';
import type { ListenerName } from '../../src/http/listener.js';
import { ServerEventRecorder } from '../../src/log-analytics/attempts/server-event-recorder.js';
import { ServerEvents } from '../../src/observability/server-events.js';
import { call, tlsOptions } from '../support/client.js';
import { startTestServer, type TestServer } from '../support/server.js';
import {
  certify,
  makeTerminal,
  registerCertificate,
  type TestTerminal,
  type TestTerminalOptions,
} from '../support/terminals.js';

const LONG_BYTES = 5_900_000;
const HOUR_MS = 3_600_000;
/** What follows within milliseconds, on a machine that others use as well. */
const SOON = { timeout: 60_000 };

let server: TestServer;
let till: TestTerminal;
let budget: BodyBudget;
beforeAll(async () => {
  server = await startTestServer();
  till = await makeTerminal(server);
  budget = server.running.application.get(BodyBudget);
});
afterAll(() => server.stop());

const sockets: TLSSocket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await vi.waitUntil(() => inFlight() === 0, SOON);
});

function inFlight(): number {
  return BODY_KINDS.reduce((sum, kind) => sum + budget.inFlight(kind), 0);
}

/** Opens a connection, sends what is given and gathers what comes back. */
async function send(terminal: TestTerminal | undefined, text: string, listener: ListenerName = 'terminals') {
  const { port } = server.addresses[listener];
  const socket = connect({ port, host: '127.0.0.1', ...tlsOptions(server, listener, terminal) } as object);
  sockets.push(socket);
  let received = '';
  socket.setEncoding('utf8').on('data', (more: string) => (received += more));
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  socket.write(text);
  return { socket, received: () => received, status: () => /HTTP\/1\.1 (\d+)/.exec(received)?.[1] };
}

/** A further certificate of a terminal, as a renewal files it. */
async function renewed(terminal: TestTerminal): Promise<TestTerminal> {
  const certified = await certify(server.keysDirectory, terminal.terminalId, terminal.taxpayerId);
  await registerCertificate(server, { ...terminal, ...certified });
  return { ...terminal, ...certified };
}

function head(path: string, framing: string): string {
  return `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${framing}\r\n\r\n`;
}

/** Announces a long body, sends its beginning and waits. */
function hold(terminal: TestTerminal | undefined, path = '/v1/invoices', bytes = LONG_BYTES) {
  return send(terminal, `${head(path, `Content-Length: ${bytes}`)}${'x'.repeat(100_000)}`);
}

describe('a long body is refused before it is read', () => {
  it.each<[string, string, string, TestTerminalOptions]>([
    ['a revoked terminal', '403', 'terminal_revoked', { status: 'revoked' }],
    ['a revoked certificate', '403', 'certificate_revoked', { certificateRevoked: true }],
    ['a suspended terminal', '403', 'terminal_suspended', { status: 'suspended' }],
    ['an unknown terminal', '403', 'terminal_unknown', { unregistered: true }],
    ['an expired certificate', '403', 'certificate_expired', { notAfter: new Date(Date.now() - HOUR_MS) }],
    ['a certificate of tomorrow', '403', 'certificate_not_yet_valid', { notBefore: new Date(Date.now() + HOUR_MS) }],
  ])('of %s, with what is wrong', async (_who, _status, code, options) => {
    const { received } = await hold(await makeTerminal(server, options));
    await expect.poll(received).toContain(`"code":"${code}"`);
    expect(inFlight()).toBe(0);
  });

  it('of somebody without a certificate, who is told so and not that it is too long', async () => {
    const { received } = await hold(undefined);
    await expect.poll(received).toContain('"code":"certificate_missing"');
    expect(inFlight()).toBe(0);
  });

  it('of somebody without a certificate who enrols', async () => {
    const { received } = await hold(undefined, '/.well-known/est/simpleenroll');
    await expect.poll(received).toContain('"allowed":32768');
  });

  it.each(['/v1/echo', '/v1/transaction-logs', '/nowhere'])(
    'of a terminal in order at %s, which needs less',
    async (path) => {
      const { status } = await hold(till, path);
      await expect.poll(status).toBe('413');
      expect(inFlight()).toBe(0);
    },
  );

  it('of somebody who sends one without an end, whose connection ends', async () => {
    const { socket } = await send(till, head('/nowhere', 'Transfer-Encoding: chunked'));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const chunk = `ffff\r\n${'x'.repeat(0xffff)}\r\n`;
    let written = 0;
    const more = (): void => {
      while (!socket.destroyed && socket.write(chunk)) written += chunk.length;
    };
    socket.on('drain', more);
    more();
    await closed;
    expect(written).toBeLessThan(4 * LIMITS.requestBytesMax);
  });

  it('at the public listener', async () => {
    const body = 'x'.repeat(40_000);
    const answer = await call(server, '/v1/console/session', { listener: 'public', body });
    expect(answer.status).toBe(413);
  });
});

describe('a short body', () => {
  /** Announces the longest short body and sends none of it. */
  const announce = (terminal?: TestTerminal, path = '/v1/invoices') =>
    send(terminal, head(path, `Content-Length: ${SHORT_BODY_BYTES_MAX}`));

  it('counts for its terminal, whichever of its certificates the connection showed', async () => {
    const one = await makeTerminal(server);
    const certificates = [one, ...(await Promise.all(Array.from({ length: 3 }, () => renewed(one))))];
    const most = (budget.shares.short.ofTerminal ?? 0) / SHORT_BODY_BYTES_MAX;
    const held = await Promise.all(Array.from({ length: most }, (_, index) => announce(certificates[index % 4])));
    await expect.poll(() => budget.inFlight('short')).toBe(most * SHORT_BODY_BYTES_MAX);
    const further = await Promise.all(certificates.map((certificate) => announce(certificate)));
    for (const { status } of further) await expect.poll(status).toBe('503');
    expect(held.map(({ status }) => status())).toEqual(held.map(() => undefined));
    expect((await call(server, '/v1/invoices', { body: { invoice: 'x' }, terminal: till })).status).toBe(422);
  });

  it.each<[string, TestTerminalOptions]>([
    ['a revoked terminal', { status: 'revoked' }],
    ['a revoked certificate', { certificateRevoked: true }],
    ['an expired certificate', { notAfter: new Date(Date.now() - HOUR_MS) }],
  ])('of %s is a stranger’s', async (_who, options) => {
    const terminal = await makeTerminal(server, options);
    // From then on the server knows it.
    expect([401, 403]).toContain((await call(server, '/v1/invoices', { body: {}, terminal })).status);
    const { socket } = await announce(terminal);
    socket.write('x'.repeat(1_000));
    await expect.poll(() => budget.inFlight('stranger')).toBe(1_000);
    expect(budget.inFlight('short')).toBe(0);
  });

  it.each(['terminals', 'public'] as const)(
    'of strangers holds what has come of it, and leaves room for the next (%s)',
    async (listener) => {
      const kind = listener === 'terminals' ? 'stranger' : 'visitor';
      const path = listener === 'terminals' ? '/v1/echo' : '/v1/console/session';
      const text = head(path, 'Content-Length: 900');
      const waiting = await Promise.all(Array.from({ length: 60 }, () => send(undefined, text, listener)));
      for (const { socket } of waiting.slice(0, 5)) socket.write('{"text":"');
      await expect.poll(() => budget.inFlight(kind)).toBe(5 * 9);
      const answer = await call(server, path, { listener, body: { text: 'x' } });
      expect(answer.status).not.toBe(503);
      expect(budget.inFlight(kind === 'stranger' ? 'visitor' : 'stranger')).toBe(0);
    },
  );
});

describe('what is turned away before it is read', () => {
  it('stands in the statistics, by its attempt', async () => {
    const events = server.running.application.get(ServerEvents);
    const attempts = Array.from({ length: 4 }, () => randomUUID());
    const naming = (index: number, length: number) => `Attempt-Id: ${attempts[index]}\r\nContent-Length: ${length}`;
    const suspended = await makeTerminal(server, { status: 'suspended' });
    const active = await makeTerminal(server);
    // The recorder must not take them first.
    vi.spyOn(server.running.application.get(ServerEventRecorder), 'flush').mockResolvedValue();
    events.take();
    const answers = [
      await send(suspended, head('/v1/invoices', naming(0, LONG_BYTES))),
      await send(active, head('/v1/invoices', naming(1, LIMITS.requestBytesMax + 1))),
      await send(active, head('/v1/reissues', naming(3, LIMITS.requestBytesMax + 1))),
    ];
    const holding = await hold(active);
    await expect.poll(() => budget.inFlight('long')).toBeGreaterThan(0);
    answers.push(await send(active, head('/v1/invoices', naming(2, LONG_BYTES))));
    for (const { status } of answers) await expect.poll(status).toMatch(/403|413|503/);
    holding.socket.destroy();
    expect(events.take().events).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ attemptId: attempts[0], outcome: 'not_authenticated', cause: 'terminal_suspended' }),
        expect.objectContaining({ attemptId: attempts[1], outcome: 'refused', cause: 'request_too_large' }),
        expect.objectContaining({ attemptId: attempts[2], outcome: 'failed', cause: 'server_busy' }),
        // A till keeps what it brought in a list that is too long.
        expect.objectContaining({ attemptId: attempts[3], outcome: 'failed', cause: 'request_too_large' }),
      ]),
    );
  });
});

describe('a suspended terminal and an expired certificate', () => {
  it.each<[TestTerminalOptions]>([[{ status: 'suspended' }], [{ notAfter: new Date(Date.now() - HOUR_MS) }]])(
    'may send more to a route that admits them: %j',
    async (options) => {
      const terminal = await makeTerminal(server, options);
      const body = JSON.stringify({ entries: ['x'.repeat(50_000)] });
      const answer = await call<{ invalid?: unknown[] }>(server, '/v1/transaction-logs', { body, terminal });
      expect([answer.status, answer.json().invalid?.length]).toEqual([200, 1]);
    },
  );
});

describe('bodies in flight', () => {
  it('of one terminal are bounded: further ones are told to come again, and its sale goes on', async () => {
    const held = [await hold(till), await hold(till)];
    await expect.poll(() => budget.inFlight('long')).toBeGreaterThan(0);
    const third = await hold(till);
    await expect.poll(third.status).toBe('503');
    expect(third.received()).toMatch(/"code":"server_busy"/);
    expect(third.received()).toMatch(/retry-after: \d+/i);
    // A sale has room of its own.
    const answer = await call(server, '/v1/invoices', { body: { invoice: 'x' }, terminal: till });
    expect(answer.status).toBe(422);
    for (const { socket } of held) socket.destroy();
    await expect.poll(inFlight).toBe(0);
  });

  it('end the connections of those that are refused, once more of them came than is read and forgotten in a second', async () => {
    // What may be read and forgotten is saved up with time, and time stands still.
    server.clock.stop();
    try {
      const held = [await hold(till), await hold(till)];
      const refused: string[] = [];
      for (let count = 0; count < 5; count += 1) {
        const one = await hold(till);
        await expect.poll(one.status).toBe('503');
        refused.push(one.received());
      }
      expect(refused.at(-1)).toMatch(/connection: close/i);
      for (const { socket } of held) socket.destroy();
    } finally {
      server.clock.reset();
    }
  });

  it('are counted as they come where no length is announced', async () => {
    const chunk = `ea60\r\n${'x'.repeat(60_000)}\r\n`;
    const other = await makeTerminal(server);
    const { socket } = await send(other, `${head('/v1/reissues', 'Transfer-Encoding: chunked')}${chunk}`);
    await expect.poll(inFlight).toBe(60_000);
    socket.write(chunk);
    await expect.poll(inFlight).toBe(120_000);
    socket.write('0\r\n\r\n');
    await expect.poll(inFlight).toBe(0);
  });

  it('cost their bytes and not their chunks', async () => {
    const other = await makeTerminal(server);
    const body = JSON.stringify({ invoice: 'x'.repeat(6_000) });
    const chunks = body.replaceAll(/./g, (letter) => `1\r\n${letter}\r\n`);
    const { status } = await send(other, `${head('/v1/invoices', 'Transfer-Encoding: chunked')}${chunks}0\r\n\r\n`);
    await expect.poll(status).toBe('422');
  });

  it('are released when a connection breaks, when a body is refused, and behind each other on one connection', async () => {
    const broken = await hold(till);
    await expect.poll(inFlight).toBe(LONG_BYTES);
    broken.socket.destroy();
    await expect.poll(inFlight).toBe(0);

    const text = 'x'.repeat(700_000);
    expect((await call(server, '/v1/invoices', { body: text, terminal: till })).status).toBe(400);
    await expect.poll(inFlight).toBe(0);

    const other = await makeTerminal(server);
    const short = `${head('/v1/invoices', 'Content-Length: 15')}{"invoice":"x"}`;
    const { socket, received } = await send(other, short.repeat(20));
    await expect.poll(() => received().split('HTTP/1.1 422').length - 1).toBe(20);
    expect(inFlight()).toBe(0);
    socket.write(short.repeat(20));
    socket.destroy();
    await expect.poll(inFlight).toBe(0);
  });

  it('keep their room while they wait for their turn, though their client has gone', async () => {
    const gone = await makeTerminal(server);
    const text = `{"invoice":"${'x'.repeat(5_000_000)}"}`;
    const request = `${head('/v1/invoices', `Content-Length: ${text.length}`)}${text}`;
    const sent = await Promise.all([send(gone, request), send(gone, request)]);
    await expect.poll(() => sent.map((one) => one.received()).join('')).toContain('HTTP/1.1');
    for (const { socket } of sent) socket.destroy();
    await expect.poll(inFlight).toBe(0);
    // The turn was given on.
    const other = await makeTerminal(server);
    const body = { invoice: 'x'.repeat(700_000) };
    expect((await call(server, '/v1/invoices', { body, terminal: other })).status).toBe(422);
  });

  it('of many terminals behind one address leave room for others', async () => {
    const terminals = await Promise.all(Array.from({ length: 3 }, () => makeTerminal(server)));
    const bodies = await Promise.all(
      terminals.map((terminal) => hold(terminal, '/v1/reissues', LIMITS.requestBytesMax)),
    );
    await expect.poll(() => budget.inFlight('long')).toBeGreaterThan(0);
    expect(budget.inFlight('long')).toBeLessThanOrEqual(budget.shares.long.ofAddress);
    for (const { socket } of bodies) socket.destroy();
  });
});
