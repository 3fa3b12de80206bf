import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  parseCompactJws,
  problem,
  publicKeyToJwk,
  type Receipt,
  signReceipt,
  systemClock,
} from '@tax-control/protocol';
import type { BillingInterface, SaleResult, SaleStoredOffline } from '../api.js';
import { Database } from '../journal/sqlite/database.js';
import { keyPair, TestAuthority } from '../testing/authority.js';
import { type Fault, StandInServer } from '../testing/stand-in-server.js';
import { TillBench } from '../testing/till-bench.js';
import { draft, takeParameters } from '../testing/till-folder.js';

/** For sales whose answer never comes. Within it a busy machine connects and sends: only the answer is missing then. */
const DEADLINE_MS = 1_500;
/** For sales whose answer comes: no busy machine lets it pass. */
const AMPLE_MS = 60_000;
/** What takes longer was not ended by the deadline. */
const HANG_MS = 30_000;

let bench: TillBench;
beforeEach(async () => {
  bench = await TillBench.set();
  setDeadline(AMPLE_MS);
});
afterEach(() => bench.end());

function setDeadline(deadlineMs: number): void {
  bench.server.office.publish({ deadlineMs });
  takeParameters(bench.files, bench.authority, bench.server);
}

/** The answer, and how long the MIS waited for it. */
async function timed(sale: Promise<SaleResult>): Promise<{ readonly answer: SaleResult; readonly tookMs: number }> {
  const began = performance.now();
  const answer = await sale;
  return { answer, tookMs: performance.now() - began };
}

function gate() {
  let open: (value?: unknown) => void = () => undefined;
  const opened = new Promise((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** What takes the draft back. */
const REVERSED = {
  lines: draft('R-1').lines.map((line) => ({ ...line, quantity: `-${line.quantity}` })),
  payments: draft('R-1').payments.map(({ method, amount }) => ({ method, amount: -amount })),
};

const onlyInvoices = (path: string) => path === '/v1/invoices';

/** The next event; what is in the feed already is none of it. */
async function nextEvent(till: BillingInterface) {
  const events = await till.waitForFeed(till.feed(0, 1000).at(-1)?.cursor ?? 0, HANG_MS);
  return events[0];
}

describe('the deadline', () => {
  it('is kept when no answer comes, and the next sale does not wait again', async () => {
    setDeadline(DEADLINE_MS);
    bench.server.fault = () => ({ kind: 'hang' });
    const till = await bench.openTill();
    const first = await timed(till.issue('sale 1', draft('R-1')));
    expect(first.answer).toMatchObject({ result: 'stored_offline', cause: 'answer_timeout' });
    expect(first.tookMs).toBeGreaterThan(DEADLINE_MS / 2);
    expect(first.tookMs).toBeLessThan(HANG_MS);
    const second = await timed(till.issue('sale 2', draft('R-2')));
    expect(second.answer).toMatchObject({ result: 'stored_offline', cause: 'circuit_open', counter: 2 });
    await expect.poll(() => bench.server.paths()).toEqual(['/v1/invoices']);
    expect(till.status()).toMatchObject({ circuit: 'open', waiting: 2, waitingSales: 1530 });
  });

  it('is no matter where the line is known to be down: the sale is written in one transaction', async () => {
    setDeadline(DEADLINE_MS);
    bench.server.fault = () => ({ kind: 'hang' });
    const till = await bench.openTill();
    await till.issue('sale 1', draft('R-1'));
    const exec = vi.spyOn(Database.prototype, 'exec');
    const answer = await till.issue('sale 2', draft('R-2'));
    const commits = exec.mock.calls.filter(([sql]) => sql === 'COMMIT');
    exec.mockRestore();
    expect(answer).toMatchObject({ result: 'stored_offline', cause: 'circuit_open', counter: 2 });
    expect(commits).toHaveLength(1);
    expect(till.log()[0]).toMatchObject({ invoiceId: (answer as SaleStoredOffline).invoiceId, outcome: 'not_tried' });
  });

  it('is told in the log by the failure that opened the circuit, which is none of the sale that was not tried', async () => {
    setDeadline(DEADLINE_MS);
    bench.server.fault = () => ({ kind: 'hang' });
    const till = await bench.openTill();
    for (const saleId of ['sale 1', 'sale 2', 'sale 3']) await till.issue(saleId, draft(saleId));
    const untried = { outcome: 'not_tried', cause: 'answer_timeout', address: null, totalMs: null };
    expect(till.log().toReversed()).toMatchObject([{ outcome: 'failed', cause: 'answer_timeout' }, untried, untried]);
    expect(till.log().at(-1)!.totalMs).toBeGreaterThan(DEADLINE_MS / 2);
    expect(till.status().lastFailure).toMatchObject({ cause: 'answer_timeout' });
  });

  it('counts from the moment of the call, also for a sale that waits behind another', async () => {
    setDeadline(DEADLINE_MS);
    bench.server.fault = () => ({ kind: 'hang' });
    const till = await bench.openTill();
    const both = await Promise.all([
      timed(till.issue('sale 1', draft('R-1'))),
      timed(till.issue('sale 2', draft('R-2'))),
    ]);
    for (const { answer, tookMs } of both) {
      expect(answer).toMatchObject({ result: 'stored_offline' });
      expect(['answer_timeout', 'circuit_open']).toContain((answer as SaleStoredOffline).cause);
      expect(tookMs).toBeLessThan(HANG_MS);
    }
    await expect.poll(() => bench.server.paths()).toHaveLength(1);
  });

  it('a late answer seals the entry and is told in the feed; nothing is sent twice meanwhile', async () => {
    setDeadline(DEADLINE_MS);
    const late = gate();
    bench.server.fault = ({ path }) => (onlyInvoices(path) ? { kind: 'hold', until: late.opened } : null);
    const till = await bench.openTill();
    const answer = await till.issue('sale 1', draft('R-1'));
    expect(answer).toMatchObject({ result: 'stored_offline', cause: 'answer_timeout' });
    expect(await till.drain()).toMatchObject({ stillWaiting: 1, issued: 0 });
    await expect.poll(() => bench.server.paths()).toEqual(['/v1/invoices']);
    const next = nextEvent(till);
    late.open();
    const event = await next;
    const now = till.lookUp('sale 1');
    expect(now).toMatchObject({ result: 'issued', receipt: { door: 'issue' } });
    expect(event).toMatchObject({ kind: 'issued', saleId: 'sale 1', code: (now as { code: string }).code });
    expect(till.log()).toMatchObject([{ outcome: 'failed', cause: 'answer_timeout' }]);
  });
});

describe('an answer that is not to be believed', () => {
  it('a lost answer: the same bytes get the same receipt', async () => {
    bench.server.fault = ({ path }) => (onlyInvoices(path) ? { kind: 'lose' } : null);
    const till = await bench.openTill();
    expect(await till.issue('sale 1', draft('R-1'))).toMatchObject({
      result: 'stored_offline',
      cause: 'connection_reset',
    });
    const [filed] = bench.server.office.filed.values();
    bench.server.fault = () => null;
    expect(await till.drain()).toEqual({
      issued: 0,
      alreadyIssued: 1,
      refused: 0,
      deferred: 0,
      stillWaiting: 0,
      cause: null,
    });
    expect(till.lookUp('sale 1')).toMatchObject({ result: 'issued', code: filed!.code, receiptJws: filed!.receipt });
  });

  it('an answer cut in half: stored offline, then the same receipt', async () => {
    bench.server.fault = ({ path }) => (onlyInvoices(path) ? { kind: 'cut' } : null);
    const till = await bench.openTill();
    expect(await till.issue('sale 1', draft('R-1'))).toMatchObject({
      result: 'stored_offline',
      cause: 'answer_unreadable',
    });
    bench.server.fault = () => null;
    expect(await till.drain()).toMatchObject({ alreadyIssued: 1, stillWaiting: 0 });
  });

  it('an answer of 100 MB: stored offline within the deadline', async () => {
    bench.server.fault = () => ({ kind: 'flood', bytes: 100_000_000 });
    const till = await bench.openTill();
    const { answer, tookMs } = await timed(till.issue('sale 1', draft('R-1')));
    expect(answer).toMatchObject({ result: 'stored_offline', cause: 'answer_unreadable' });
    expect(tookMs).toBeLessThan(HANG_MS);
    expect(bench.server.flooded).toBeLessThan(30_000_000);
  });

  it('an impostor with another authority’s certificate: told nothing, and somebody is to act', async () => {
    const { port } = bench.server;
    await bench.server.stop();
    const impostor = await StandInServer.start({ authority: await TestAuthority.make(), port });
    bench.onEnd(() => impostor.stop());
    const till = await bench.openTill();
    for (const saleId of ['sale 1', 'sale 2'])
      expect(await till.issue(saleId, draft(saleId))).toMatchObject({
        result: 'stored_offline',
        cause: 'tls_untrusted',
        detail: expect.stringContaining('tell the operator') as string,
      });
    expect(impostor.connections).toBeGreaterThan(0);
    expect(impostor.requests).toEqual([]);
  });

  /** The same answer with another receipt in it. */
  function forge(change: (receipt: Receipt) => string): void {
    bench.server.fault = ({ path }) => {
      if (!onlyInvoices(path)) return null;
      const { office } = bench.server;
      const sent = JSON.parse(bench.server.requests.at(-1)!.body) as { invoice: string };
      const invoice = JSON.parse(parseCompactJws(sent.invoice)!.payload.toString()) as never;
      const receipt = change(office.receiptFor(invoice, 'A'.repeat(43), 'issue'));
      return {
        kind: 'answer',
        status: 200,
        body: {
          result: 'issued',
          receipt,
          warnings: [],
          allowance: 20,
          lastCounter: 1,
          lastJump: null,
          newestKnown: true,
        },
      };
    };
  }

  it.each<[string, (receipt: Receipt) => string, RegExp]>([
    [
      'a receipt for another invoice',
      (receipt) => {
        const { receiptKey } = bench.server.office;
        return signReceipt(receipt, receiptKey, bench.server.office.parameters.trustedKeys[0]!.kid);
      },
      /of another invoice: invoiceDigest/,
    ],
    [
      'a receipt signed by somebody else in the server’s name',
      (receipt) => signReceipt(receipt, keyPair().privateKey, bench.server.office.parameters.trustedKeys[0]!.kid),
      /signature that does not fit/,
    ],
    [
      'a receipt signed by a key of nobody',
      (receipt) => {
        const { privateKey, publicKey } = keyPair();
        return signReceipt(receipt, privateKey, publicKeyToJwk(publicKey)!.kid);
      },
      /key that the parameters do not list/,
    ],
    ['a text that is no receipt', () => 'receipt', /not a compact JWS/],
  ])('%s', async (_, change, detail) => {
    forge(change);
    const till = await bench.openTill();
    const answer = await till.issue('sale 1', draft('R-1'));
    expect(answer).toMatchObject({ result: 'stored_offline', cause: 'receipt_invalid' });
    expect((answer as { detail: string }).detail).toMatch(detail);
    expect(till.log()).toMatchObject([{ outcome: 'failed', cause: 'receipt_invalid' }]);
    bench.server.fault = () => null;
    expect(await till.drain()).toMatchObject({ issued: 1, stillWaiting: 0 });
  });

  it('a receipt of a key that came since: the parameters are asked, and it is believed', async () => {
    const { office } = bench.server;
    const till = await bench.openTill();
    const key = office.rotateReceiptKey();
    office.publish({ trustedKeys: [...office.parameters.trustedKeys, key] });
    expect(await till.issue('sale 1', draft('R-1'))).toMatchObject({ result: 'issued' });
    expect(till.status().parametersVersion).toBe(office.parameters.version);
  });
});

describe('several addresses', () => {
  it('the next one is tried within the same deadline', async () => {
    const second = await StandInServer.start({ authority: bench.authority, office: bench.server.office });
    bench.onEnd(() => second.stop());
    second.knowCertificate(bench.files.certificate()!);
    bench.server.office.publish({ addresses: [bench.server.address, second.address] });
    takeParameters(bench.files, bench.authority, bench.server);
    await bench.server.stop();
    const till = await bench.openTill();
    expect(await till.issue('sale 1', draft('R-1'))).toMatchObject({ result: 'issued' });
    expect(till.log()).toMatchObject([{ address: second.address, outcome: 'issued' }]);
  });
});

describe('the transaction log', () => {
  it('names attempt, outcome and times, and the attempt’s identity went along', async () => {
    const till = await bench.openTill();
    await till.issue('sale 1', draft('R-1'));
    const [entry] = till.log();
    expect(entry).toMatchObject({ door: 'issue', outcome: 'issued', cause: null, address: bench.server.address });
    expect(
      [entry!.connectMs, entry!.tlsMs, entry!.answerMs, entry!.totalMs].every((time) => typeof time === 'number'),
    ).toBe(true);
    expect(bench.server.requests[0]!.headers['attempt-id']).toBe(entry!.id);
  });
});

describe('how long a sale waited, in the log', () => {
  const LONG_MS = 10_000;

  it.each<[string, readonly (Fault | null)[]]>([
    ['issued', [null, null]],
    ['failed', [null, { kind: 'answer', status: 500, body: problem('internal_error') }]],
    ['refused', [null, { kind: 'answer', status: 422, body: problem('schema_violation') }]],
    ['not_authenticated', [null, { kind: 'answer', status: 403, body: problem('terminal_suspended') }]],
    ['not_tried', [{ kind: 'reset' }]],
  ])('is told of one that is %s behind another', async (outcome, faults) => {
    let laterMs = 0;
    const clock = { now: () => systemClock.now() + laterMs, monotonicMs: () => systemClock.monotonicMs() + laterMs };
    const till = await bench.openTill({ clock });
    const left = [...faults];
    bench.server.fault = () => {
      laterMs += LONG_MS;
      return left.shift() ?? null;
    };
    const sales = ['sale 1', 'sale 2'].map((saleId) => till.issue(saleId, draft(saleId)));
    const { invoiceId } = (await Promise.all(sales))[1] as SaleStoredOffline;
    const entry = till.log().find((one) => one.invoiceId === invoiceId);
    expect(entry).toMatchObject({ door: 'issue', outcome });
    expect(entry!.totalMs).toBeGreaterThanOrEqual(faults.length * LONG_MS);
    expect(entry!.totalMs).toBeLessThan(AMPLE_MS);
  });

  it('is told of a refund that took its original along', async () => {
    let laterMs = 0;
    const clock = { now: () => systemClock.now() + laterMs, monotonicMs: () => systemClock.monotonicMs() + laterMs };
    bench.server.fault = () => ({ kind: 'reset' });
    const closed = await bench.openTill({ clock });
    const { invoiceId } = (await closed.issue('sale', draft('R-1'))) as SaleStoredOffline;
    await closed.close();
    bench.server.fault = () => {
      laterMs += LONG_MS;
      return null;
    };
    const till = await bench.openTill({ clock });
    const refund = await till.issue(
      'void',
      draft('R-2', { kind: 'void', ...REVERSED, reference: { terminalId: 'till-1', invoiceId } }),
    );
    expect(refund).toMatchObject({ result: 'issued' });
    expect(
      till.log().find(({ door, outcome }) => door === 'issue' && outcome === 'issued')!.totalMs,
    ).toBeGreaterThanOrEqual(2 * LONG_MS);
  });
});

describe('the circuit', () => {
  it('closes by itself when the line is back, and the backlog drains', async () => {
    const { port, office } = bench.server;
    await bench.server.stop();
    const till = await bench.openTill({ pace: { probeMs: 20, probeMsMax: 50, drainMs: 10 } });
    for (const saleId of ['sale 1', 'sale 2', 'sale 3']) await till.issue(saleId, draft(saleId));
    expect(till.status()).toMatchObject({ waiting: 3, lastFailure: { cause: 'connection_refused' } });
    const restarted = await StandInServer.start({ authority: bench.authority, office, port });
    bench.onEnd(() => restarted.stop());
    restarted.knowCertificate(bench.files.certificate()!);
    let cursor = 0;
    while (till.status().waiting > 0) cursor = (await till.waitForFeed(cursor, 5_000)).at(-1)?.cursor ?? cursor;
    expect(till.status()).toMatchObject({ circuit: 'closed', issued: 3 });
    expect(office.arrivals.map(({ door }) => door)).toEqual(['reissue', 'reissue', 'reissue']);
  });
});
