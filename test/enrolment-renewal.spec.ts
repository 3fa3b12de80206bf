import { createPrivateKey, randomUUID, X509Certificate } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { certificateThumbprint, readParameters } from '@tax-control/protocol';
import { EnrolmentVariables } from '../src/configuration/variables.js';
import { inTransaction } from '../src/database/transaction.js';
import { listCertificates } from '../src/registry/certificates.js';
import { revokeCertificate } from '../src/registry/terminal-changes.js';
import { publishSettings } from '../src/registry/till-rule-changes.js';
import { changeStatus } from '../src/registry/terminal-changes.js';
import { type EnrolmentGround, startEnrolmentGround } from './enrolment/ground.js';
import { certificateOf, makeApplicant, renew } from './enrolment/till.js';
import { call } from './support/client.js';
import type { TestServer } from './support/server.js';
import { makeTerminal } from './support/terminals.js';

const DAY_MS = 24 * 60 * 60 * 1000;

let ground: EnrolmentGround;
let server: TestServer;
let operator: Pool;
let terminalId: string;

beforeAll(async () => {
  ground = await startEnrolmentGround();
  ({ server, operator } = ground);
});

afterAll(() => ground.stop());

beforeEach(async () => {
  terminalId = await ground.register();
});

describe('simplereenroll', () => {
  it('gives a certificate for a new key, and the old one stays on file', async () => {
    const till = await ground.enrolled(terminalId);
    const next = await makeApplicant();
    const first = certificateOf(await renew(server, till, await next.request()));
    expect(first.checkPrivateKey(createPrivateKey(next.keyPem))).toBe(true);
    const again = certificateOf(await renew(server, till, await next.request()));
    expect(again.raw).toEqual(first.raw);
    expect(await ground.certificatesOf(terminalId)).toBe(2);
    const renewed = { keyPem: next.keyPem, certificatePem: first.toString() };
    for (const terminal of [till, renewed])
      expect((await call(server, '/v1/echo', { body: { nonce: 'n'.repeat(16) }, terminal })).status).toBe(200);
  });

  it('gives one certificate to the same request sent many times at once', async () => {
    const till = await ground.enrolled(terminalId);
    const request = await (await makeApplicant()).request();
    const answers = await Promise.all(Array.from({ length: 6 }, () => renew(server, till, request)));
    expect(new Set(answers.map((answer) => certificateOf(answer).fingerprint256)).size).toBe(1);
  });

  it('takes an expired certificate, for its own key as well', async () => {
    const [notBefore, notAfter] = [new Date(Date.now() - 2 * DAY_MS), new Date(Date.now() - DAY_MS)];
    const expired = await makeTerminal(server, { notBefore, notAfter });
    const parameters = await call(server, '/v1/parameters', { terminal: expired });
    expect(parameters.json()).toMatchObject({ code: 'parameters_missing' });
    const certificate = certificateOf(await renew(server, expired, await (await makeApplicant()).request()));
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now());
    expect(certificate.subject).toContain(`CN=${expired.terminalId}`);
  });

  it('refuses a certificate that expired long ago, at every route that takes an expired one', async () => {
    const expiredDaysMax = Number(new EnrolmentVariables().ENROLMENT_EXPIRED_DAYS);
    const endedDaysAgo = (days: number) =>
      makeTerminal(server, {
        notBefore: new Date(Date.now() - (days + 100) * DAY_MS),
        notAfter: new Date(Date.now() - days * DAY_MS),
      });
    const [late, tooLate] = [await endedDaysAgo(expiredDaysMax - 1), await endedDaysAgo(expiredDaysMax + 1)];
    certificateOf(await renew(server, late, await (await makeApplicant()).request()));
    const refused = { code: 'certificate_expired_long_ago', status: 401, retry: 'later' };
    expect((await renew(server, tooLate, await (await makeApplicant()).request())).json()).toMatchObject(refused);
    for (const [path, body] of [
      ['/v1/parameters', undefined],
      ['/v1/reissues', { invoices: ['a.b.c'] }],
      ['/v1/transaction-logs', { entries: [] }],
      [`/v1/invoices/${randomUUID()}`, undefined],
      ['/v1/invoices', { invoice: 'a.b.c' }],
    ] as const)
      expect((await call(server, path, { terminal: tooLate, ...(body && { body }) })).json()).toMatchObject(refused);
    expect((await call(server, '/v1/echo', { body: { nonce: 'n'.repeat(16) }, terminal: tooLate })).status).toBe(200);
    // A new invitation of the same terminal lets it in again.
    const again = await ground.enrolled(tooLate.terminalId);
    expect((await call(server, '/v1/transaction-logs', { body: { entries: [] }, terminal: again })).status).toBe(200);
  });

  it('records for each certificate where it came from, on file and in the audit trail', async () => {
    const till = await ground.enrolled(terminalId);
    const next = await makeApplicant();
    const renewed = certificateOf(await renew(server, till, await next.request()));
    const [second, first] = await listCertificates(operator, terminalId);
    const address = expect.stringMatching(/127\.0\.0\.1/) as string;
    expect(first).toMatchObject({ way: 'enrolment', parent: null, callerAddress: address });
    const origin = { way: 'renewal_new_key', parent: first!.thumbprint };
    expect(second).toMatchObject({ ...origin, thumbprint: certificateThumbprint(renewed), callerAddress: address });
    const { rows } = await operator.query(
      `SELECT official_name, facts, remote_address FROM audit_trail
       WHERE action = 'certificate.issued' AND subject = $1 ORDER BY trail_id`,
      [terminalId],
    );
    expect(rows).toMatchObject([
      { official_name: null, facts: { way: 'enrolment' }, remote_address: address },
      { official_name: null, facts: { ...origin, thumbprint: second!.thumbprint } },
    ]);
  });

  it('tells a renewal for the same key from one for a new key', async () => {
    const till = await ground.enrolled(terminalId);
    await server.superuser.query(
      `UPDATE terminal_certificate SET not_before = not_before - interval '300 days', not_after = not_after - interval '300 days'
       WHERE terminal_id = $1`,
      [terminalId],
    );
    certificateOf(await renew(server, till, await till.applicant.request()));
    expect(await listCertificates(operator, terminalId)).toMatchObject([
      { way: 'renewal_same_key' },
      { way: 'enrolment' },
    ]);
  });

  it('names what was renewed from a certificate that is revoked, and revokes it when asked to', async () => {
    const till = await ground.enrolled(terminalId);
    const [thief, heir] = [await makeApplicant(), await makeApplicant()];
    const stolen = certificateOf(await renew(server, till, await thief.request()));
    const thieves = { keyPem: thief.keyPem, certificatePem: stolen.toString() };
    const last = certificateThumbprint(certificateOf(await renew(server, thieves, await heir.request())));
    const [first, middle] = [
      certificateThumbprint(new X509Certificate(till.certificatePem)),
      certificateThumbprint(stolen),
    ];
    const revoke = (descendants: boolean) =>
      inTransaction(operator, (client) =>
        revokeCertificate(client, terminalId, first, { reason: 'stolen', descendants }),
      );
    const named = await revoke(false);
    expect(named).toMatchObject({ revoked: [first] });
    expect(named!.inForce.toSorted()).toEqual([last, middle].toSorted());
    const all = await revoke(true);
    expect(all!.revoked.toSorted()).toEqual([last, middle].toSorted());
    expect(all!.inForce).toEqual([]);
    await expect
      .poll(async () => (await renew(server, thieves, await (await makeApplicant()).request())).json()['code'])
      .toBe('certificate_revoked');
  });

  it('refuses a revoked certificate, a revoked terminal, and nobody’s', async () => {
    const request = await (await makeApplicant()).request();
    const byCertificate = await makeTerminal(server, { certificateRevoked: true });
    expect((await renew(server, byCertificate, request)).json()).toMatchObject({ code: 'certificate_revoked' });
    const byStatus = await makeTerminal(server, { status: 'revoked' });
    expect((await renew(server, byStatus, request)).json()).toMatchObject({ code: 'terminal_revoked' });
    const nobody = await makeTerminal(server, { unregistered: true });
    expect((await renew(server, nobody, request)).json()).toMatchObject({ code: 'terminal_unknown' });
    const bare = await call(server, '/.well-known/est/simplereenroll', {
      body: request,
      headers: { 'content-type': 'application/pkcs10' },
    });
    expect(bare.json()).toMatchObject({ code: 'certificate_missing' });
  });

  it('refuses another’s name and weak keys', async () => {
    const till = await ground.enrolled(terminalId);
    const weak = await makeApplicant({ name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' });
    expect((await renew(server, till, await weak.request())).json()).toMatchObject({ code: 'csr_key_not_allowed' });
    const named = await (await makeApplicant()).request('CN=T0');
    expect((await renew(server, till, named)).json()).toMatchObject({ code: 'csr_name_mismatch' });
  });

  it('bounds what a till gone wrong can ask for in a day', async () => {
    const till = await ground.enrolled(terminalId);
    const statuses: number[] = [];
    for (let count = 0; count < 10; count += 1)
      statuses.push((await renew(server, till, await (await makeApplicant()).request())).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 200, 200, 200, 429]);
    expect(await ground.certificatesOf(terminalId)).toBe(10);
  });
});

describe('an enrolled till', () => {
  it('is told of its suspension, and of its return', async () => {
    const till = await ground.enrolled(terminalId);
    const parameters = () => call(server, '/v1/transaction-logs', { body: { entries: [] }, terminal: till });
    expect((await parameters()).status).toBe(200);
    const standing = async () => {
      const { echo } = (
        await call<{ echo: string }>(server, '/v1/echo', { body: { nonce: 'n'.repeat(16) }, terminal: till })
      ).json();
      return (JSON.parse(Buffer.from(echo.split('.')[1]!, 'base64url').toString()) as { standing: string }).standing;
    };
    for (const [status, expected] of [
      ['suspended', 'terminal_suspended'],
      ['active', 'active'],
      ['revoked', 'terminal_revoked'],
    ] as const) {
      await changeStatus(operator, terminalId, status, null);
      await expect.poll(standing, { interval: 20 }).toBe(expected);
    }
  });

  it('fetches signed parameters once for each version', async () => {
    const till = await ground.enrolled(terminalId);
    await inTransaction(operator, (client) =>
      publishSettings(client, (present) =>
        Object.assign(present, { addresses: ['https://a'], verificationUrl: 'https://b' }),
      ),
    );
    await expect.poll(async () => (await call(server, '/v1/parameters', { terminal: till })).status).toBe(200);
    const first = await call(server, '/v1/parameters', { terminal: till });
    expect(first.headers['content-type']).toBe('application/jose');
    expect(readParameters(first.text, server.ca)).toMatchObject({
      ok: true,
      parameters: { environment: 'test', addresses: ['https://a'] },
    });
    const headers = { 'if-none-match': first.headers.etag! };
    const unchanged = await call(server, '/v1/parameters', { terminal: till, headers });
    expect(unchanged).toMatchObject({ status: 304, text: '' });
    await inTransaction(operator, (client) =>
      publishSettings(client, (present) => Object.assign(present, { threshold: 3 })),
    );
    await expect.poll(async () => (await call(server, '/v1/parameters', { terminal: till, headers })).status).toBe(200);
    const bare = await call(server, '/v1/parameters');
    expect(bare.json()).toMatchObject({ code: 'certificate_missing' });
  });
});

it('publishes the receipt keys to everybody', async () => {
  const answer = await call<{ keys: { kid: string }[] }>(server, '/.well-known/jwks.json', { listener: 'public' });
  expect(answer.json().keys).toMatchObject([{ kty: 'EC', crv: 'P-256', alg: 'ES256' }]);
  expect(answer.headers['cache-control']).toContain('max-age');
  expect((await call(server, '/.well-known/jwks.json')).status).toBe(404);
  expect((await call(server, '/.well-known/est/cacerts', { listener: 'public' })).status).toBe(404);
});
