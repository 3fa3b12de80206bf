import { createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import type { Pool } from 'pg';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseCompactJws, systemClock, type TaxRate, verifyCompactJws } from '@tax-control/protocol';
import { inTransaction } from '../src/database/transaction.js';
import { DirectoryCustody } from '../src/keys/directory-custody.js';
import { KeyRing } from '../src/keys/key-ring.js';
import { addCertificate, listCertificates } from '../src/registry/certificates.js';
import { revokeCertificate } from '../src/registry/terminal-changes.js';
import { claimEnvironment, readEnvironment } from '../src/registry/installation.js';
import { listTaxRates } from '../src/registry/parameters-store.js';
import { addTaxRate, publishSettings, removeTaxRate } from '../src/registry/till-rule-changes.js';
import { Parameters, ParametersMissing } from '../src/registry/parameters.js';
import { listPremises, listTaxpayers } from '../src/registry/taxpayers.js';
import { addPremises, addTaxpayer } from '../src/registry/shop-changes.js';
import { TERMINAL_AGE_MS_MAX, TerminalDirectory } from '../src/registry/terminal-directory.js';
import { addTerminals } from '../src/registry/terminal-changes.js';
import { findTerminal } from '../src/registry/terminals.js';
import { changeStatus } from '../src/registry/terminal-changes.js';
import type { TillSettings } from '../src/registry/till-settings.js';
import { makeCertificate } from '../src/keys/make-certificate.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';
import { makeTestKeys } from './support/keys.js';
import { testPool } from './support/pool.js';

const PREMISES = {
  premisesId: 'P1',
  taxpayerId: 'X1',
  name: 'Shop',
  region: 'North',
  activity: 'retail',
  address: 'Road 1',
};

let keys: KeyRing;
let database: TestDatabase;
let operator: Pool;
let server: Pool;

beforeAll(async () => {
  const made = await makeTestKeys();
  keys = new KeyRing(new DirectoryCustody(made.directory), systemClock);
  return () => made.remove();
});

beforeEach(async () => {
  database = await createTestDatabase();
  operator = testPool(database.operatorUrl);
  server = testPool(database.serverUrl);
  return async () => {
    await Promise.all([operator.end(), server.end()]);
    await database.drop();
  };
});

async function addTill(terminalId = 'T1'): Promise<void> {
  await addTaxpayer(operator, { taxpayerId: 'X1', name: 'Owner' });
  await addPremises(operator, PREMISES);
  await addTerminals(operator, [{ terminalId, premisesId: 'P1' }]);
}

async function certify(terminalId: string, notBefore = new Date()): Promise<{ thumbprint: string; key: KeyObject }> {
  const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const notAfter = new Date(Date.now() + 60_000);
  const { certificate, key: issuerKey } = keys.issuingCa();
  const issuer = { certificate: certificate.raw, key: issuerKey };
  const der = await makeCertificate({
    purpose: 'terminal',
    subject: { commonName: terminalId },
    key,
    notBefore,
    notAfter,
    issuer,
  });
  const { serialNumber: serial, fingerprint256 } = new X509Certificate(der);
  const thumbprint = Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url');
  const origin = { way: 'operator', parent: null, callerAddress: null } as const;
  await addCertificate(server, { terminalId, thumbprint, serial, der, notBefore, notAfter, ...origin });
  return { thumbprint, key };
}

describe('what operators register', () => {
  it('is added once and never changed by adding it again', async () => {
    expect(await addTaxpayer(operator, { taxpayerId: 'X1', name: "O'Neill; DROP TABLE taxpayer" })).toBe('added');
    expect(await addTaxpayer(operator, { taxpayerId: 'X1', name: 'Other' })).toBe('exists');
    expect(await listTaxpayers(operator)).toEqual([{ taxpayerId: 'X1', name: "O'Neill; DROP TABLE taxpayer" }]);
    expect(await addPremises(operator, { ...PREMISES, taxpayerId: 'X2' })).toBe('taxpayer_unknown');
    expect(await addPremises(operator, PREMISES)).toBe('added');
    expect(await addPremises(operator, PREMISES)).toBe('exists');
    expect(await listPremises(operator, 'X1')).toEqual([PREMISES]);
    expect(await listPremises(operator, 'X2')).toEqual([]);
    const register = async (premisesId: string): Promise<string[]> => [
      ...(await addTerminals(operator, [{ terminalId: 'T1', premisesId }])),
    ];
    expect([await register('P2'), await register('P1'), await register('P1')]).toEqual([[], ['T1'], []]);
    expect(await findTerminal(operator, 'T1')).toMatchObject({ taxpayerId: 'X1', premisesId: 'P1', status: 'active' });
  });

  it('follows the table of status changes', async () => {
    await addTill();
    expect(await changeStatus(operator, 'T0', 'suspended', null)).toEqual({ result: 'unknown' });
    expect(await changeStatus(operator, 'T1', 'suspended', 'audit')).toMatchObject({ result: 'changed' });
    expect(await changeStatus(operator, 'T1', 'suspended', 'again')).toMatchObject({
      result: 'unchanged',
      terminal: { statusReason: 'audit' },
    });
    expect(await changeStatus(operator, 'T1', 'revoked', null)).toMatchObject({ result: 'changed' });
    expect(await changeStatus(operator, 'T1', 'active', null)).toMatchObject({ result: 'not_allowed' });
    expect(await findTerminal(operator, 'T1')).toMatchObject({ status: 'revoked', statusReason: null });
  });

  it('is never moved or taken away by the server’s role, which registers for the console', async () => {
    await addTill();
    for (const statement of [`UPDATE terminal SET premises_id = 'P1'`, 'DELETE FROM terminal', 'DELETE FROM taxpayer'])
      await expect(server.query(statement)).rejects.toMatchObject({ code: '42501' });
  });
});

describe('the terminal directory', () => {
  it('finds a terminal by certificate, with every key it ever had', async () => {
    await addTill();
    const [first, second] = [await certify('T1'), await certify('T1')];
    const terminals = new TerminalDirectory(server);
    const record = await terminals.byCertificate('T1', first.thumbprint);
    expect(record).toMatchObject({ terminalId: 'T1', taxpayerId: 'X1', premisesId: 'P1', status: 'active' });
    expect([...record!.certificates.keys()].sort()).toEqual([first.thumbprint, second.thumbprint].sort());
    expect(record!.certificates.get(second.thumbprint)!.publicKey.equals(createPublicKey(second.key))).toBe(true);
    expect(await terminals.byCertificate('T1', 'A'.repeat(43))).toBeNull();
    expect(await terminals.byId('T2')).toBeNull();
  });

  it('knows a new certificate at once, although it has just looked', async () => {
    await addTill();
    const first = await certify('T1');
    const terminals = new TerminalDirectory(server, { now: () => 0 });
    await terminals.byCertificate('T1', first.thumbprint);
    const second = await certify('T1');
    expect((await terminals.byCertificate('T1', second.thumbprint))?.certificates.size).toBe(2);
  });

  it('reads the newest of many certificates, and finds an older one when it is asked for', async () => {
    await addTill();
    const list = [];
    for (let day = 0; day < 60; day += 1)
      list.push(await certify('T1', new Date(Date.now() - (60 - day) * 86_400_000)));
    const terminals = new TerminalDirectory(server);
    const record = await terminals.byId('T1');
    const [oldest, newest] = [list[0]!, list[59]!];
    expect([record!.certificates.size, record!.certificates.has(newest.thumbprint)]).toEqual([50, true]);
    expect(record!.certificates.has(oldest.thumbprint)).toBe(false);
    const older = await record!.olderCertificate(oldest.thumbprint);
    if (older === null || older === 'of_other_terminal') throw new Error('it is on file');
    expect(older.publicKey.equals(createPublicKey(oldest.key))).toBe(true);
    expect(await record!.olderCertificate('A'.repeat(43))).toBeNull();
    const shown = await terminals.byCertificate('T1', oldest.thumbprint);
    expect([shown?.terminalId, shown?.certificates.has(oldest.thumbprint)]).toEqual(['T1', true]);
    expect(await terminals.byCertificate('T1', 'A'.repeat(43))).toBeNull();
  });

  it('learns of a suspension and of a revoked certificate when its knowledge is too old, on every instance', async () => {
    await addTill();
    const { thumbprint } = await certify('T1');
    let nowMs = 0;
    const instances = [1, 2].map(() => new TerminalDirectory(server, { now: () => nowMs }));
    const statuses = () =>
      Promise.all(instances.map(async (terminals) => (await terminals.byCertificate('T1', thumbprint))?.status));
    expect(await statuses()).toEqual(['active', 'active']);
    await changeStatus(operator, 'T1', 'suspended', null);
    const revoke = (which: string, reason: string) =>
      inTransaction(operator, (client) => revokeCertificate(client, 'T1', which, { reason, descendants: false }));
    expect(await revoke(thumbprint, 'stolen')).toEqual({ revoked: [thumbprint], inForce: [] });
    expect(await revoke(thumbprint, 'again')).toEqual({ revoked: [], inForce: [] });
    expect(await revoke('x', 'again')).toBeNull();
    expect(await statuses()).toEqual(['active', 'active']);
    expect(await instances[0]!.byIdNow('T1')).toMatchObject({ status: 'suspended' });
    expect(await statuses()).toEqual(['suspended', 'active']);
    nowMs = TERMINAL_AGE_MS_MAX;
    expect(await statuses()).toEqual(['suspended', 'suspended']);
    expect((await instances[0]!.byId('T1'))?.certificates.get(thumbprint)?.revokedAt).toBeInstanceOf(Date);
    expect(await listCertificates(operator, 'T1')).toMatchObject([{ thumbprint, revocationReason: 'stolen' }]);
    expect(TERMINAL_AGE_MS_MAX).toBeLessThan(1_000);
  });
});

describe('parameters', () => {
  const settings = (change: Partial<TillSettings>) => (present: TillSettings) =>
    Object.assign(present, { addresses: ['https://a'], verificationUrl: 'https://b' }, change);
  const publish = (change: Partial<TillSettings> = {}) =>
    inTransaction(operator, (client) => publishSettings(client, settings(change)));
  const rate = (from: string, percent: string): TaxRate => ({ category: 'standard', rate: percent, from, until: null });
  const newParameters = () => new Parameters(server, keys, () => (nowMs += 1_000));
  let nowMs = 0;

  it('are missing until they are published', async () => {
    await expect(newParameters().current()).rejects.toBeInstanceOf(ParametersMissing);
  });

  it('become a new version with each setting and each tax rate', async () => {
    const parameters = newParameters();
    await publish({ threshold: 7 });
    const first = await parameters.signedDocument();
    expect(await parameters.signedDocument()).toBe(first);
    await inTransaction(operator, (client) => addTaxRate(client, rate('2026-01-01', '20')));
    const changed = await inTransaction(operator, (client) => addTaxRate(client, rate('2027-01-01', '21')));
    expect(changed).toMatchObject({ fits: true, ended: { until: '2026-12-31' } });
    const current = await parameters.current();
    expect(current.version).toBe(changed.version);
    expect(current).toMatchObject({
      environment: 'test',
      threshold: 7,
      offlineLimits: { atLimit: 'warn' },
      taxRates: [{ ...rate('2026-01-01', '20'), until: '2026-12-31' }, rate('2027-01-01', '21')],
      trustedKeys: keys.trustedKeys(),
    });
    expect((await parameters.signedDocument()).etag).not.toBe(first.etag);
  });

  it('are signed under the authority, with one entity tag on every instance', async () => {
    await publish();
    const [one, two] = [await newParameters().signedDocument(), await newParameters().signedDocument()];
    expect(one.etag).toBe(two.etag);
    const jws = parseCompactJws(one.jws)!;
    expect(jws.header).toMatchObject({ alg: 'ES256', typ: 'parameters+jws' });
    const certificate = new X509Certificate(Buffer.from((jws.header['x5c'] as string[])[0]!, 'base64'));
    expect(certificate.verify(keys.issuingCa().certificate.publicKey)).toBe(true);
    expect(verifyCompactJws(jws, certificate.publicKey)).toBe(true);
    expect(JSON.parse(jws.payload.toString())).toEqual(await newParameters().current());
  });

  it('lose no change of two operators at once', async () => {
    await publish({ threshold: 7 });
    await Promise.all([
      inTransaction(operator, (client) => addTaxRate(client, rate('2026-01-01', '20'))),
      inTransaction(operator, (client) => addTaxRate(client, { ...rate('2026-01-01', '5'), category: 'reduced' })),
      inTransaction(operator, (client) =>
        publishSettings(client, (present) => Object.assign(present, { deadlineMs: 900 })),
      ),
      inTransaction(operator, (client) =>
        publishSettings(client, (present) => Object.assign(present, { threshold: 9 })),
      ),
    ]);
    const current = await newParameters().current();
    expect(current).toMatchObject({ version: 5, deadlineMs: 900, threshold: 9 });
    expect(current.taxRates.map(({ category }) => category)).toEqual(['reduced', 'standard']);
  });

  it('take back a rate that is not in force yet, and never one that is, by whatever way', async () => {
    const remove = (from: string) => inTransaction(operator, (client) => removeTaxRate(client, 'standard', from));
    for (const one of [rate('2026-01-01', '20'), rate('2999-01-01', '200')])
      await inTransaction(operator, (client) => addTaxRate(client, one));
    expect(await remove('2999-01-01')).toMatchObject({ result: 'removed', reopened: rate('2026-01-01', '20') });
    expect(await listTaxRates(operator)).toEqual([rate('2026-01-01', '20')]);
    expect(await remove('2999-01-01')).toEqual({ result: 'unknown' });
    expect(await remove('2026-01-01')).toEqual({ result: 'in_force' });
    await expect(operator.query('DELETE FROM tax_rate')).rejects.toMatchObject({ code: '23001' });
  });

  it('take no rate where another is in force, from two operators at once either', async () => {
    const fits = await Promise.all(
      ['20', '21', '22'].map((percent) =>
        inTransaction(operator, (client) => addTaxRate(client, rate('2026-01-01', percent))),
      ),
    );
    expect(fits.filter((fit) => fit.fits)).toHaveLength(1);
    expect(await listTaxRates(operator)).toHaveLength(1);
  });
});

it('binds a database to one environment for ever', async () => {
  expect(await readEnvironment(server)).toBeNull();
  await Promise.all([claimEnvironment(server, 'test'), claimEnvironment(server, 'test')]);
  await claimEnvironment(server, 'test');
  expect(await readEnvironment(server)).toBe('test');
  await expect(claimEnvironment(server, 'production')).rejects.toThrow(/test environment.*KEYS_DIRECTORY/);
});
