import { createPrivateKey } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { certificateThumbprint } from '@tax-control/protocol';
import { WRONG_SECRETS } from '../src/enrolment/enrolment.js';
import { listInvitations } from '../src/enrolment/invitations.js';
import { revokeCertificate } from '../src/registry/terminal-changes.js';
import { changeStatus } from '../src/registry/terminal-changes.js';
import { type EnrolmentGround, startEnrolmentGround } from './enrolment/ground.js';
import { certificateOf, enrol, makeApplicant } from './enrolment/till.js';
import { call } from './support/client.js';
import type { TestServer } from './support/server.js';

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

describe('cacerts', () => {
  it('gives the authority’s certificate to anybody', async () => {
    const answer = await call(server, '/.well-known/est/cacerts');
    expect(answer.headers).toMatchObject({
      'content-type': 'application/pkcs7-mime; smime-type=certs-only',
      'content-transfer-encoding': 'base64',
    });
    expect(certificateOf(answer).toString()).toBe(server.ca);
  });
});

describe('simpleenroll', () => {
  it('gives a certificate of the terminal for the key, whatever else the request says', async () => {
    const applicant = await makeApplicant();
    const answer = await enrol(
      server,
      terminalId,
      await ground.invite(terminalId),
      await applicant.request(`CN=${terminalId}, O=Evil`),
    );
    const certificate = certificateOf(answer);
    expect(certificate.checkPrivateKey(createPrivateKey(applicant.keyPem))).toBe(true);
    expect(certificate.subject.split('\n')).toEqual([`CN=${terminalId}`, 'O=X1', 'OU=P1', 'description=test']);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(certificate.ca).toBe(false);
    expect(BigInt(`0x${certificate.serialNumber}`) >> 126n).toBe(1n);
    const days = (Date.parse(certificate.validTo) - Date.now()) / DAY_MS;
    expect(Math.round(days)).toBe(365);
    const terminal = { keyPem: applicant.keyPem, certificatePem: certificate.toString() };
    const echo = await call(server, '/v1/echo', { body: { nonce: 'n'.repeat(16) }, terminal });
    expect(echo.status).toBe(200);
  });

  it('gives the same certificate again for the same secret and key, also long after the invitation’s end', async () => {
    const secret = await ground.invite(terminalId);
    const [applicant, other] = [await makeApplicant(), await makeApplicant()];
    const first = certificateOf(await enrol(server, terminalId, secret, await applicant.request()));
    const again = certificateOf(await enrol(server, terminalId, secret, await applicant.request(`CN=${terminalId}`)));
    expect(again.raw).toEqual(first.raw);
    expect((await enrol(server, terminalId, secret, await other.request())).json()).toMatchObject({
      code: 'enrolment_secret_used',
      status: 403,
    });
    await server.superuser.query('UPDATE invitation SET expires_at = now() WHERE terminal_id = $1', [terminalId]);
    expect(certificateOf(await enrol(server, terminalId, secret, await applicant.request())).raw).toEqual(first.raw);
    expect(await ground.certificatesOf(terminalId)).toBe(1);
  });

  it('gives one certificate to the same request sent many times at once', async () => {
    const secret = await ground.invite(terminalId);
    const request = await (await makeApplicant()).request();
    const answers = await Promise.all(Array.from({ length: 8 }, () => enrol(server, terminalId, secret, request)));
    expect(new Set(answers.map((answer) => certificateOf(answer).fingerprint256)).size).toBe(1);
    expect(await ground.certificatesOf(terminalId)).toBe(1);
  });

  it('gives it to one of many keys that come with one secret at once', async () => {
    const secret = await ground.invite(terminalId);
    const requests = await Promise.all(Array.from({ length: 6 }, async () => (await makeApplicant()).request()));
    const answers = await Promise.all(requests.map((request) => enrol(server, terminalId, secret, request)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(5);
    expect(await ground.certificatesOf(terminalId)).toBe(1);
  });

  it('challenges who shows no credentials, and tells nobody which terminals there are', async () => {
    const body = await (await makeApplicant()).request();
    await ground.invite(terminalId);
    const bare = await call(server, '/.well-known/est/simpleenroll', {
      body,
      headers: { 'content-type': 'application/pkcs10' },
    });
    const wrong = await enrol(server, terminalId, 'wrong', body);
    const unknown = await enrol(server, 'T0', 'wrong', body);
    const hostile = await enrol(server, "T'; DROP TABLE terminal;--\u0000", 'wrong', body);
    for (const answer of [bare, wrong, unknown, hostile]) {
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toMatch(/^Basic /);
      expect({ ...answer.json(), requestId: '' }).toEqual({ ...wrong.json(), requestId: '' });
    }
  });

  it('refuses an expired invitation, and one that a newer one has replaced', async () => {
    const [old, request] = [await ground.invite(terminalId), await (await makeApplicant()).request()];
    const secret = await ground.invite(terminalId);
    expect((await enrol(server, terminalId, old, request)).json()).toMatchObject({
      code: 'enrolment_secret_expired',
      status: 403,
    });
    await server.superuser.query('UPDATE invitation SET expires_at = now() WHERE terminal_id = $1', [terminalId]);
    expect((await enrol(server, terminalId, secret, request)).json()).toMatchObject({
      code: 'enrolment_secret_expired',
    });
  });

  it.each<[string, () => Promise<string>, string]>([
    [
      'RSA 1024',
      async () =>
        (
          await makeApplicant({
            name: 'RSASSA-PKCS1-v1_5',
            modulusLength: 1024,
            publicExponent: new Uint8Array([1, 0, 1]),
            hash: 'SHA-256',
          })
        ).request(),
      'csr_key_not_allowed',
    ],
    [
      'P-384',
      async () => (await makeApplicant({ name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' })).request(),
      'csr_key_not_allowed',
    ],
    ['another’s name', async () => (await makeApplicant()).request('CN=T0'), 'csr_name_mismatch'],
    ['rubbish', () => Promise.resolve('AAAA'), 'csr_malformed'],
    ['nothing', () => Promise.resolve(' '), 'csr_malformed'],
  ])('refuses a request with %s, and the secret stays good', async (_, make, code) => {
    const secret = await ground.invite(terminalId);
    expect((await enrol(server, terminalId, secret, await make())).json()).toMatchObject({ code, status: 400 });
    certificateOf(await enrol(server, terminalId, secret, await (await makeApplicant()).request()));
  });

  it('takes no other content type', async () => {
    const answer = await call(server, '/.well-known/est/simpleenroll', { body: { csr: 'x' } });
    expect([400, 401, 415]).toContain(answer.status);
    const text = await call(server, '/.well-known/est/simpleenroll', {
      body: 'x',
      headers: { 'content-type': 'text/plain' },
    });
    expect(text.json()).toMatchObject({ code: 'media_type_not_supported' });
  });

  it('refuses a revoked terminal, and enrols a suspended one', async () => {
    const secret = await ground.invite(terminalId);
    const request = await (await makeApplicant()).request();
    await changeStatus(operator, terminalId, 'suspended', null);
    certificateOf(await enrol(server, terminalId, secret, request));
    await changeStatus(operator, terminalId, 'revoked', null);
    expect((await enrol(server, terminalId, secret, request)).json()).toMatchObject({ code: 'terminal_revoked' });
  });

  it('gives no certificate again that was revoked since', async () => {
    const secret = await ground.invite(terminalId);
    const request = await (await makeApplicant()).request();
    const certificate = certificateOf(await enrol(server, terminalId, secret, request));
    await revokeCertificate(operator, terminalId, certificateThumbprint(certificate), {
      reason: 'stolen',
      descendants: false,
    });
    expect((await enrol(server, terminalId, secret, request)).json()).toMatchObject({ code: 'certificate_revoked' });
  });
});

// Last: this address has to wait afterwards.
describe('wrong secrets', () => {
  it('are counted at the open invitation and lock nothing, however many come', async () => {
    const [secret, other] = [await ground.invite(terminalId), await ground.register()];
    const request = await (await makeApplicant()).request();
    const codes: unknown[] = [];
    for (let tries = 0; tries < WRONG_SECRETS.tries + 5; tries += 1)
      codes.push((await enrol(server, tries % 2 === 0 ? terminalId : other, `wrong${tries}`, request)).json()['code']);
    expect(codes).toContain('enrolment_secret_wrong');
    expect(codes.slice(WRONG_SECRETS.tries)).toEqual(Array.from({ length: 5 }, () => 'too_many_requests'));
    const [open] = await listInvitations(operator, terminalId);
    expect(open).toMatchObject({ state: 'open', lastWrongTryAt: expect.any(Date) as Date });
    expect(open!.wrongTries).toBeGreaterThan(0);
    expect(open!.wrongTries).toBeLessThanOrEqual(WRONG_SECRETS.tries);
    const late = await enrol(server, terminalId, 'wrong', request);
    expect(late.json()).toMatchObject({ code: 'too_many_requests', status: 429 });
    expect(Number(late.headers['retry-after'])).toBeGreaterThan(0);
    // A right secret never waits, from the same address either.
    certificateOf(await enrol(server, terminalId, secret, request));
    certificateOf(await enrol(server, other, await ground.invite(other), await (await makeApplicant()).request()));
  });
});
