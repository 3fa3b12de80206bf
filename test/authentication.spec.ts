import { randomUUID, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Echo, type EchoAnswer, parseCompactJws, verifyCompactJws } from '@tax-control/protocol';
import { TerminalListener } from '../src/keys/terminal-listener.js';
import { call } from './support/client.js';
import { makeTestKeys } from './support/keys.js';
import { startTestServer, type TestServer } from './support/server.js';
import { makeTerminal, type TestTerminal } from './support/terminals.js';

const HOUR_MS = 3_600_000;
const body = () => ({ nonce: randomUUID() });

let server: TestServer;
let till: TestTerminal;
beforeAll(async () => {
  server = await startTestServer();
  till = await makeTerminal(server);
});
afterAll(() => server.stop());

async function standingOf(terminal: TestTerminal | undefined): Promise<Pick<Echo, 'standing' | 'terminalId'>> {
  const answer = await call<EchoAnswer>(server, '/v1/echo', { terminal, body: body() });
  expect(answer.status).toBe(200);
  const { standing, terminalId } = JSON.parse(String(parseCompactJws(answer.json().echo)?.payload)) as Echo;
  return { standing, terminalId };
}

describe('echo', () => {
  it('tells an active terminal who it is and what time it is, signed and bound to the nonce', async () => {
    const { nonce } = body();
    const beforeMs = Date.now();
    const answer = await call<EchoAnswer>(server, '/v1/echo', { terminal: till, body: { nonce } });
    const jws = parseCompactJws(answer.json().echo)!;
    const { typ, x5c } = jws.header as { typ: string; x5c: string[] };
    const signer = new X509Certificate(Buffer.from(x5c[0]!, 'base64'));
    expect(typ).toBe('echo+jws');
    expect(signer.verify(new X509Certificate(server.ca).publicKey)).toBe(true);
    expect(verifyCompactJws(jws, signer.publicKey)).toBe(true);
    const echo = JSON.parse(jws.payload.toString()) as Echo;
    expect(echo).toMatchObject({ nonce, terminalId: till.terminalId, standing: 'active' });
    expect(Date.parse(echo.time)).toBeGreaterThanOrEqual(beforeMs);
    expect(answer.headers['request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    [{}, '/nonce'],
    [{ nonce: 'short' }, '/nonce'],
    [{ nonce: 1_234_567_890_123_456 }, '/nonce'],
    [{ nonce: 'n'.repeat(65) }, '/nonce'],
    [{ nonce: 'n'.repeat(16), more: 'secret-value' }, '/more'],
    [JSON.parse('{"nonce":"nnnnnnnnnnnnnnnn","__proto__":{"x":1}}') as object, '/__proto__'],
    [[], ''],
  ])('names what is wrong with %j by pointer, without its value', async (wrong, pointer) => {
    const answer = await call(server, '/v1/echo', { terminal: till, body: wrong });
    expect([answer.status, answer.json()]).toEqual([
      400,
      expect.objectContaining({ code: 'invalid_request', errors: [expect.objectContaining({ pointer })] }),
    ]);
    expect(answer.text).not.toContain('secret-value');
  });
});

describe('who is calling', () => {
  it('is refused without a certificate', async () => {
    const answer = await call(server, '/v1/echo', { body: body() });
    expect([answer.status, answer.headers['content-type'], answer.json()]).toEqual([
      401,
      expect.stringMatching(/^application.problem\+json/),
      expect.objectContaining({ code: 'certificate_missing', requestId: answer.headers['request-id'] }),
    ]);
  });

  it('is told apart by the first thing that is wrong, in the catalogue’s order', async () => {
    const past = { notBefore: new Date(Date.now() - 2 * HOUR_MS), notAfter: new Date(Date.now() - HOUR_MS) };
    const future = { notBefore: new Date(Date.now() + HOUR_MS), notAfter: new Date(Date.now() + 2 * HOUR_MS) };
    const impostor = await makeTestKeys();
    const cases: [TestTerminal, string][] = [
      [await makeTerminal({ ...server, keysDirectory: impostor.directory }), 'certificate_untrusted'],
      [await makeTerminal({ ...server, keysDirectory: impostor.directory }, past), 'certificate_untrusted'],
      [await makeTerminal(server, future), 'certificate_not_yet_valid'],
      [await makeTerminal(server, { ...past, status: 'revoked' }), 'certificate_expired'],
      [await makeTerminal(server, { unregistered: true }), 'terminal_unknown'],
      [await makeTerminal(server, { certificateRevoked: true, status: 'suspended' }), 'certificate_revoked'],
      [await makeTerminal(server, { status: 'revoked' }), 'terminal_revoked'],
      [await makeTerminal(server, { status: 'suspended' }), 'terminal_suspended'],
    ];
    await impostor.remove();
    const standings = await Promise.all(cases.map(([terminal]) => standingOf(terminal)));
    expect(standings.map(({ standing }) => standing)).toEqual(cases.map(([, expected]) => expected));
    const strangers = ['certificate_untrusted', 'terminal_unknown'];
    expect(standings.map(({ terminalId }) => terminalId)).toEqual(
      cases.map(([terminal, standing]) => (strangers.includes(standing) ? null : terminal.terminalId)),
    );
  });

  it('is no client by a certificate of the server itself', async () => {
    const { cert, key } = server.running.application.get(TerminalListener).material();
    const own = { ...till, certificatePem: cert, keyPem: key };
    expect(await standingOf(own)).toEqual({ standing: 'certificate_untrusted', terminalId: null });
  });
});
