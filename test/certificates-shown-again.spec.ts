import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BillingInterface, openTill } from '@tax-control/billing-interface';
import { draft, STILL } from '@tax-control/billing-interface/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificateThumbprint } from '@tax-control/protocol';
import { listCertificates } from '../src/registry/certificates.js';
import { openShop, type Shop } from './agent/shop.js';
import { taxTerminal } from './agent/till-process.js';
import { type EnrolledTill, type EnrolmentGround, startEnrolmentGround } from './enrolment/ground.js';
import { call } from './support/client.js';
import { makeGround, startTestServer } from './support/server.js';
import { makeTerminal } from './support/terminals.js';

const NONCE = { nonce: 'n'.repeat(16) };

/** As a backup has it that was made before the till enrolled. */
const FORGET = 'DELETE FROM terminal_certificate WHERE thumbprint = $1';

function shownOf({ certificatePem }: { readonly certificatePem: string }): { certificate: string } {
  return { certificate: new X509Certificate(certificatePem).raw.toString('base64') };
}

function thumbprintOf({ certificatePem }: { readonly certificatePem: string }): string {
  return certificateThumbprint(new X509Certificate(certificatePem));
}

describe('a till that had to enrol again because the server had forgotten its certificate', () => {
  let shop: Shop;
  let till: BillingInterface;

  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(async () => {
    await till.close();
    await shop.close();
  });

  const open = (directory: string): Promise<BillingInterface> =>
    openTill({ directory, software: { name: 'Till under test', version: '1' }, pace: STILL });

  it('shows the old one, and all that waited has its code in the same passage', async () => {
    const directory = await shop.addTill('till-1');
    till = await open(directory);
    shop.line.cut();
    const ids = Array.from({ length: 30 }, (_, index) => `waiting ${index}`);
    for (const id of ids) expect(await till.issue(id, draft(id))).toMatchObject({ result: 'stored_offline' });
    await till.close();
    shop.line.mend();
    const [old] = await listCertificates(shop.ground.superuser, 'till-1');
    await shop.ground.superuser.query(
      'UPDATE invitation SET thumbprint = NULL, used_at = NULL WHERE terminal_id = $1',
      ['till-1'],
    );
    await shop.ground.superuser.query(FORGET, [old!.thumbprint]);
    const { invitation } = await shop.control(
      'terminal',
      'invite',
      'till-1',
      '--address',
      `https://127.0.0.1:${shop.line.port}`,
    );
    expect((await taxTerminal(['enrol', '--directory', directory, '--json'], String(invitation))).status).toBe(0);

    till = await open(directory);
    expect(await till.drain()).toMatchObject({ refused: 0, stillWaiting: 0, cause: null });
    for (const id of ids) expect(till.lookUp(id)).toMatchObject({ result: 'issued', warnings: [] });
    const certificates = await listCertificates(shop.ground.superuser, 'till-1');
    expect(certificates.find(({ thumbprint }) => thumbprint === old!.thumbprint)).toMatchObject({
      way: 'shown_again',
      parent: null,
      revokedAt: null,
      notAfter: old!.notAfter,
    });
    const { rows } = await shop.ground.superuser.query<{ facts: object }>(
      `SELECT facts FROM audit_trail WHERE action = 'certificate.shown_again' AND subject = 'till-1'`,
    );
    expect(rows).toEqual([{ facts: { thumbprint: old!.thumbprint, revokedAt: null } }]);
    expect((await shop.ground.superuser.query('SELECT FROM refused_invoice')).rowCount).toBe(0);
  });
});

describe('a certificate that is shown', () => {
  let ground: EnrolmentGround;
  let old: EnrolledTill;
  let present: EnrolledTill;
  let terminalId: string;

  beforeAll(async () => {
    ground = await startEnrolmentGround();
    terminalId = await ground.register();
    old = await ground.enrolled(terminalId);
    present = await ground.enrolled(terminalId);
    await ground.server.superuser.query('DELETE FROM invitation WHERE thumbprint = $1', [thumbprintOf(old)]);
    await ground.server.superuser.query(FORGET, [thumbprintOf(old)]);
  });
  afterAll(() => ground.stop());

  const show = (body: object, terminal = present) => call(ground.server, '/v1/certificates', { body, terminal });

  it.each<[string, (theirs: EnrolledTill) => object]>([
    ['is none', () => ({ certificate: 'AAAA' })],
    ['is empty', () => ({ certificate: '' })],
    ['is another terminal’s', shownOf],
    ['is the authority’s own', () => shownOf({ certificatePem: ground.server.ca })],
  ])('and %s is refused, and nothing is stored', async (_what, bodyOf) => {
    const theirs = await ground.enrolled(await ground.register());
    await ground.server.superuser.query('DELETE FROM invitation WHERE thumbprint = $1', [thumbprintOf(theirs)]);
    await ground.server.superuser.query(FORGET, [thumbprintOf(theirs)]);
    expect((await show(bodyOf(theirs))).json()).toMatchObject({ code: 'shown_certificate_refused', status: 422 });
    expect(await ground.certificatesOf(terminalId)).toBe(1);
  });

  it('and has this terminal’s name from another authority is refused', async () => {
    const elsewhere = await makeGround();
    const forged = await makeTerminal(elsewhere, { terminalId });
    await elsewhere.clear();
    expect((await show(shownOf(forged))).json()).toMatchObject({ code: 'shown_certificate_refused' });
  });

  it('goes on file once, however often it is shown, and opens no connection and no renewal', async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => show(shownOf(old))));
    expect(answers.map((answer) => String(answer.json()['result'])).toSorted()).toEqual([
      'known',
      'known',
      'known',
      'taken',
    ]);
    expect(await ground.certificatesOf(terminalId)).toBe(2);
    expect((await call(ground.server, '/v1/parameters', { terminal: old })).json()).toMatchObject({
      code: 'terminal_unknown',
    });
    expect((await show(shownOf(present), old)).json()).toMatchObject({ code: 'terminal_unknown' });
    const echo = await call<{ echo: string }>(ground.server, '/v1/echo', { body: NONCE, terminal: old });
    const [, payload = ''] = echo.json().echo.split('.');
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({ standing: 'terminal_unknown' });
  });

  it('stays revoked where the recovery log knows that it was', async () => {
    const log = await mkdtemp(join(tmpdir(), 'recovery-'));
    const first = await makeGround();
    const server = await startTestServer({ ground: first, environment: { RECOVERY_LOG_DIRECTORY: log } });
    const terminal = await makeTerminal(first, { terminalId: 'till-1' });
    const stolen = await makeTerminal(first, { terminalId: 'till-1' });
    const at = '2026-01-02T03:04:05.000Z';
    const revoked = {
      kind: 'certificate_revoked',
      at,
      terminalId: 'till-1',
      thumbprint: stolen.thumbprint,
      reason: 'stolen',
    };
    await writeFile(join(log, 'before.jsonl'), `${JSON.stringify(revoked)}\n`);
    await first.superuser.query(FORGET, [stolen.thumbprint]);
    const answer = await call(server, '/v1/certificates', { body: shownOf(stolen), terminal });
    expect(answer.json()).toEqual({ result: 'taken' });
    const kept = (await listCertificates(first.superuser, 'till-1')).find(
      (one) => one.thumbprint === stolen.thumbprint,
    );
    expect(kept).toMatchObject({ way: 'shown_again', revokedAt: new Date(at), revocationReason: 'stolen' });
    await server.stop();
    const written = await Promise.all((await readdir(log)).map((name) => readFile(join(log, name), 'utf8')));
    expect(written.join('')).toContain('"way":"shown_again"');
    await first.clear();
    await rm(log, { recursive: true, force: true });
  });
});
