import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BillingInterface, SaleIssued } from '../api.js';
import { verifyJournal } from '../journal/verify-journal.js';
import { TillBench } from '../testing/till-bench.js';
import { draft, enrolledFolder } from '../testing/till-folder.js';

const DAY_MS = 86_400_000;

let bench: TillBench;
beforeEach(async () => {
  bench = await TillBench.set();
});
afterEach(() => bench.end());

async function untilRenewed(till: BillingInterface): Promise<void> {
  while (!till.feed(0).some(({ kind }) => kind === 'certificate'))
    await till.waitForFeed(till.feed(0, 1000).at(-1)!.cursor, 1_000);
}

/** Of 100 days; most of them are gone after 80. */
const lifeOf = (born: number) => ({ notBefore: new Date(born), notAfter: new Date(born + 100 * DAY_MS) });

const signerOf = (jws: string) =>
  (JSON.parse(Buffer.from(jws.split('.')[0]!, 'base64url').toString()) as Record<string, string>)['x5t#S256'];

describe('a certificate', () => {
  it('is left alone while it is young', async () => {
    const till = await bench.openTill({ pace: { drainMs: 5, idleMs: 5 } });
    while (bench.server.paths(true).filter((path) => path === '/v1/echo').length === 0)
      await new Promise((resolve) => setImmediate(resolve));
    await till.close();
    expect(bench.server.paths(true)).not.toContain('/.well-known/est/simplereenroll');
  });

  it('is renewed long before it expires, also while invoices wait: each stays signed by its key', async () => {
    const born = Date.now() - 80 * DAY_MS;
    const { files, authority, server } = bench;
    await enrolledFolder(files.directory, authority, server, lifeOf(born));
    const before = files.certificate()!;
    server.fault = () => ({ kind: 'reset' });
    const offline = await bench.openTill();
    await offline.issue('sale 1', draft('R-1'));
    await offline.close();
    server.fault = ({ path }) =>
      path === '/v1/reissues' ? { kind: 'answer', status: 503, body: { code: 'server_busy' } } : null;
    const till = await bench.openTill({ pace: { drainMs: 5 } });
    await untilRenewed(till);
    const after = files.certificate()!;
    expect(after).not.toBe(before);
    expect(new X509Certificate(after).publicKey.equals(new X509Certificate(before).publicKey)).toBe(false);
    server.knowCertificate(after);
    server.fault = () => null;
    await till.drain();
    const sale = (await till.issue('sale 2', draft('R-2'))) as SaleIssued;
    expect(sale.result).toBe('issued');
    expect(till.status()).toMatchObject({ issued: 2, waiting: 0 });
    await till.close();
    expect(verifyJournal(bench.directory)).toMatchObject({ ok: true, invoices: 2 });
    const invoices = server.requests.flatMap(({ path, body }) => {
      if (path === '/v1/invoices') return [(JSON.parse(body) as { invoice: string }).invoice];
      return path === '/v1/reissues' ? (JSON.parse(body) as { invoices: string[] }).invoices : [];
    });
    expect(new Set(invoices.map(signerOf)).size).toBe(2);
  });

  it('that the server calls expired is renewed at once', async () => {
    bench.server.office.standing = 'certificate_expired';
    const before = bench.files.certificate();
    const till = await bench.openTill();
    expect(await till.issue('sale 1', draft('R-1'))).toMatchObject({
      result: 'stored_offline',
      cause: 'certificate_expired',
    });
    await till.close();
    const reopened = await bench.openTill({ pace: { drainMs: 5 } });
    await untilRenewed(reopened);
    expect(bench.files.certificate()).not.toBe(before);
  });

  it('that may not be renewed for a day does not keep the till from selling online', async () => {
    const { files, authority, server } = bench;
    await enrolledFolder(files.directory, authority, server, lifeOf(Date.now() - 80 * DAY_MS));
    const limited = { code: 'too_many_requests', retryAfterMs: DAY_MS };
    server.fault = ({ path }) =>
      path === '/.well-known/est/simplereenroll' ? { kind: 'answer', status: 429, body: limited } : null;
    const till = await bench.openTill({ pace: { drainMs: 5 } });
    // What comes next in the round comes only while the circuit is closed.
    while (!server.paths(true).includes('/v1/echo')) await new Promise((resolve) => setImmediate(resolve));
    expect(server.paths(true)).toContain('/.well-known/est/simplereenroll');
    expect(await till.issue('sale 1', draft('R-1'))).toMatchObject({ result: 'issued' });
  });
});
