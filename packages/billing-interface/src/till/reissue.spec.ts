import { type Invoice, problem } from '@tax-control/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SaleIssued, SaleResult } from '../api.js';
import { openWithBacklog, until } from '../testing/offline-sales.js';
import { StandInServer } from '../testing/stand-in-server.js';
import { TillBench } from '../testing/till-bench.js';
import { draft, takeParameters } from '../testing/till-folder.js';

let bench: TillBench;
beforeEach(async () => {
  bench = await TillBench.set();
});
afterEach(() => bench.end());

const REISSUES = '/v1/reissues';

const tillWithBacklog = (count: number) => openWithBacklog(bench, count);

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const arrived = () => bench.server.office.arrivals.map(({ invoiceId }) => invoiceId);

describe('after a sale', () => {
  it('the new one goes first and is answered before anything else begins, then the waiting ones, oldest first', async () => {
    const { till, ids } = await tillWithBacklog(3);
    const sale = (await till.issue('new', draft('new'))) as SaleIssued;
    expect(bench.server.paths()).not.toContain(REISSUES);
    await until(till, () => till.status().waiting === 0);
    expect(sale.result).toBe('issued');
    expect(arrived()).toEqual([sale.invoiceId, ...ids]);
    expect(bench.server.connections).toBeLessThanOrEqual(3);
    for (const number of [1, 2, 3])
      expect(till.lookUp(`offline ${number}`)).toMatchObject({ result: 'issued', receipt: { door: 'reissue' } });
  });

  it('no more is carried than the threshold allows, in chunks that a sale can wait for', async () => {
    bench.server.office.publish({ threshold: 30 });
    takeParameters(bench.files, bench.authority, bench.server);
    const { till } = await tillWithBacklog(35);
    await till.issue('new', draft('new'));
    await until(till, () => till.status().waiting === 5);
    expect(sum(bench.server.office.chunks)).toBe(30);
    expect(Math.max(...bench.server.office.chunks)).toBeLessThanOrEqual(25);
    await till.issue('newer', draft('newer'));
    await until(till, () => till.status().waiting === 0);
    expect(sum(bench.server.office.chunks)).toBe(35);
  });

  it('an allowance below the threshold is respected, also when it falls on the way', async () => {
    const { till } = await tillWithBacklog(8);
    bench.server.office.allowance = 3;
    await till.issue('new', draft('new'));
    await until(till, () => till.status().waiting === 5);
    await till.issue('newer', draft('newer'));
    await until(till, () => till.status().waiting === 2);
    expect(bench.server.office.chunks).toEqual([3, 3]);
  });

  it('an allowance of nothing carries nothing', async () => {
    const { till } = await tillWithBacklog(2);
    bench.server.office.allowance = 0;
    await till.issue('new', draft('new'));
    await till.issue('newer', draft('newer'));
    expect(till.status().waiting).toBe(2);
    await till.close();
    expect(bench.server.office.chunks).toEqual([]);
  });

  it('a sale that comes meanwhile goes before the next chunk', async () => {
    bench.server.office.publish({ threshold: 100 });
    takeParameters(bench.files, bench.authority, bench.server);
    const { till, ids } = await tillWithBacklog(60);
    const meanwhile: Promise<SaleResult>[] = [];
    bench.server.fault = ({ path }) => {
      if (path === REISSUES && meanwhile.length === 0) meanwhile.push(till.issue('meanwhile', draft('meanwhile')));
      return null;
    };
    await till.issue('new', draft('new'));
    await until(till, () => till.status().waiting === 0);
    const sale = (await meanwhile[0]) as SaleIssued;
    expect(sale.result).toBe('issued');
    const [first = 0] = bench.server.office.chunks;
    expect(arrived()[1 + first]).toBe(sale.invoiceId);
    expect(arrived().slice(1, 1 + first)).toEqual(ids.slice(0, first));
    expect(arrived().slice(2 + first)).toEqual(ids.slice(first));
  });
});

describe('a chunk that hangs', () => {
  it('costs the next customer no code', async () => {
    const { till } = await tillWithBacklog(3);
    bench.server.fault = ({ path }) => (path === REISSUES ? { kind: 'hang' } : null);
    await till.issue('new', draft('new'));
    while (!bench.server.paths().includes(REISSUES)) await new Promise((resolve) => setImmediate(resolve));
    expect(await till.issue('meanwhile', draft('meanwhile'))).toMatchObject({ result: 'issued' });
    expect(till.status()).toMatchObject({ circuit: 'closed', waiting: 3 });
  });
});

describe('a late door that is busy', () => {
  it('is left alone, and sales go on online', async () => {
    const { till } = await tillWithBacklog(3);
    bench.server.fault = ({ path }) =>
      path === REISSUES ? { kind: 'answer', status: 503, body: problem('server_busy', { retryAfterMs: 5000 }) } : null;
    expect(await till.drain()).toMatchObject({ issued: 0, stillWaiting: 3, cause: 'server_busy' });
    expect(await till.issue('new', draft('new'))).toMatchObject({ result: 'issued' });
    expect(till.status().circuit).toBe('closed');
  });
});

describe('results one by one', () => {
  it('a refused one is parked with its cause and told; the others are issued', async () => {
    const { till, ids } = await tillWithBacklog(4);
    bench.server.office.judge = ({ number }: Invoice) =>
      number === 'offline-2' ? { result: 'refused', problem: problem('wrong_premises') } : null;
    expect(await till.drain()).toEqual({
      issued: 3,
      alreadyIssued: 0,
      refused: 1,
      deferred: 0,
      stillWaiting: 0,
      cause: null,
    });
    expect(till.lookUp('offline 2')).toMatchObject({ result: 'refused', problem: { code: 'wrong_premises' } });
    expect(till.feed(0).filter(({ kind }) => kind === 'refused')).toMatchObject([
      { saleId: 'offline 2', invoiceId: ids[1], code: 'wrong_premises' },
    ]);
  });

  it('a deferred one waits, and counts in no offline limit', async () => {
    const { till } = await tillWithBacklog(2);
    bench.server.office.judge = ({ number }) =>
      number === 'offline-1' ? { result: 'deferred', problem: problem('row_refused') } : null;
    expect(await till.drain()).toMatchObject({ issued: 1, deferred: 1, stillWaiting: 1, cause: null });
    expect(till.lookUp('offline 1')).toMatchObject({ result: 'stored_offline', cause: 'row_refused' });
    expect(till.status()).toMatchObject({ waiting: 1, waitingSales: 0 });
    bench.server.office.judge = () => null;
    expect(await till.drain()).toMatchObject({ issued: 1, stillWaiting: 0 });
  });

  it('an entry that failed three times lets the others pass', async () => {
    const { till } = await tillWithBacklog(2);
    bench.server.office.judge = ({ number }) =>
      number === 'offline-1' ? { result: 'deferred', problem: problem('row_refused') } : null;
    for (const _ of [1, 2, 3]) await till.drain();
    expect(bench.server.office.chunks).toEqual([2, 1, 1]);
    await till.issue('new', draft('new'));
    await till.close();
    expect(bench.server.office.chunks).toEqual([2, 1, 1]);
  });

  it('warnings of late ones are told', async () => {
    const { till } = await tillWithBacklog(1);
    bench.server.office.warn = () => [{ code: 'offline_hours_exceeded', detail: '80 hours' }];
    await till.drain();
    expect(till.feed(0).filter(({ saleId }) => saleId === 'offline 1')).toMatchObject([
      { kind: 'issued' },
      { kind: 'warning', code: 'offline_hours_exceeded', detail: '80 hours' },
    ]);
  });

  it('one that makes the whole chunk fail is found, and does not stop the others', async () => {
    const { till } = await tillWithBacklog(5);
    bench.server.fault = ({ path, body }) => {
      if (path !== REISSUES) return null;
      const invoices = (JSON.parse(body) as { invoices: string[] }).invoices.map((jws) =>
        Buffer.from(jws.split('.')[1]!, 'base64url').toString(),
      );
      return invoices.some((text) => text.includes('"offline-3"'))
        ? { kind: 'answer', status: 500, body: problem('internal_error') }
        : null;
    };
    expect(await till.drain()).toMatchObject({ issued: 4, stillWaiting: 1, cause: null });
    expect(till.lookUp('offline 3')).toMatchObject({ cause: 'internal_error' });
    bench.server.fault = () => null;
    expect(await till.drain()).toMatchObject({ issued: 1, stillWaiting: 0 });
  });

  it('a server that fails with every one is left alone', async () => {
    const { till } = await tillWithBacklog(12);
    bench.server.fault = ({ path }) =>
      path === REISSUES ? { kind: 'answer', status: 500, body: problem('internal_error') } : null;
    expect(await till.drain()).toMatchObject({ issued: 0, stillWaiting: 12, cause: 'internal_error' });
    expect(bench.server.paths().filter((path) => path === REISSUES)).toHaveLength(4);
  });

  it('a server that takes none for now is left alone', async () => {
    const { till } = await tillWithBacklog(30);
    bench.server.office.judge = () => ({ result: 'deferred', problem: problem('database_unavailable') });
    expect(await till.drain()).toMatchObject({ issued: 0, stillWaiting: 30, cause: 'database_unavailable' });
    expect(bench.server.office.chunks).toHaveLength(1);
    bench.server.office.judge = () => null;
    expect(await till.drain()).toMatchObject({ issued: 30, stillWaiting: 0 });
  });

  it('a receipt of another invoice is not believed', async () => {
    const { till } = await tillWithBacklog(2);
    const { office } = bench.server;
    const take = office.take.bind(office);
    let first: ReturnType<typeof take> | null = null;
    office.take = (...given) => {
      const result = take(...given);
      first ??= result;
      return first;
    };
    expect(await till.drain()).toMatchObject({ issued: 1, stillWaiting: 1 });
    expect(till.lookUp('offline 2')).toMatchObject({ result: 'stored_offline', cause: 'receipt_invalid' });
    office.take = take;
    expect(await till.drain()).toMatchObject({ alreadyIssued: 1, stillWaiting: 0 });
  });
});

describe('when the line fails', () => {
  it('stops; what was answered is sealed, the rest stays and goes later in order', async () => {
    const { till, ids } = await tillWithBacklog(45);
    bench.server.fault = ({ path }) =>
      path === REISSUES && bench.server.office.chunks.length === 1 ? { kind: 'reset' } : null;
    const report = await till.drain();
    const [first = 0] = bench.server.office.chunks;
    expect(report).toMatchObject({ issued: first, stillWaiting: 45 - first, cause: 'connection_reset' });
    bench.server.fault = () => null;
    expect(await till.drain()).toMatchObject({ issued: 45 - first, stillWaiting: 0, cause: null });
    expect(arrived()).toEqual(ids);
  });

  it('a lost answer to a chunk: the same receipts come back', async () => {
    const { till } = await tillWithBacklog(3);
    bench.server.fault = ({ path }) => (path === REISSUES ? { kind: 'lose' } : null);
    expect(await till.drain()).toMatchObject({ issued: 0, stillWaiting: 3, cause: 'connection_reset' });
    const codes = [...bench.server.office.filed.values()].map(({ code }) => code);
    bench.server.fault = () => null;
    expect(await till.drain()).toMatchObject({ issued: 0, alreadyIssued: 3, stillWaiting: 0 });
    expect([1, 2, 3].map((number) => (till.lookUp(`offline ${number}`) as SaleIssued).code)).toEqual(codes);
  });

  it('an outage is no failure of the entry: it is never passed by for it', async () => {
    const { till } = await tillWithBacklog(1);
    for (const _ of [1, 2, 3, 4, 5]) {
      bench.server.fault = ({ path }) => (path === REISSUES ? { kind: 'reset' } : null);
      await till.drain();
    }
    bench.server.fault = () => null;
    expect(await till.drain()).toMatchObject({ issued: 1 });
    await till.issue('new', draft('new'));
  });
});

describe('a threshold that was lowered', () => {
  it('is learnt from the refusal, and kept to', async () => {
    const { till } = await tillWithBacklog(10);
    bench.server.office.publish({ threshold: 4 });
    expect(await till.drain()).toMatchObject({ issued: 10, stillWaiting: 0 });
    expect(bench.server.office.chunks).toEqual([4, 4, 2]);
    expect(till.status().parametersVersion).toBe(2);
  });
});

describe('the log', () => {
  it('rides along after the reissue; success deletes nothing from it, repeated entries do no harm', async () => {
    const { till } = await tillWithBacklog(2);
    expect(till.status().logWaiting).toBe(2);
    await till.drain();
    const { log } = bench.server.office;
    expect([...log.values()].map(({ door, outcome, cause }) => [door, outcome, cause])).toEqual([
      ['issue', 'failed', 'connection_reset'],
      ['issue', 'not_tried', 'connection_reset'],
      ['reissue', 'issued', null],
      ['reissue', 'issued', null],
    ]);
    expect(till.status().logWaiting).toBe(0);
    expect(till.log()).toHaveLength(4);
    const ids = bench.server.requests.find(({ path }) => path === REISSUES)!.headers['attempt-id'];
    expect(ids).toBe(
      till
        .log()
        .slice(0, 2)
        .map(({ id }) => id)
        .toReversed()
        .join(','),
    );
  });

  it('is uploaded again when the answer was lost', async () => {
    const { till } = await tillWithBacklog(1);
    bench.server.fault = ({ path }) => (path === '/v1/transaction-logs' ? { kind: 'lose' } : null);
    await till.drain();
    expect(till.status().logWaiting).toBe(2);
    bench.server.fault = () => null;
    await till.drain();
    expect(till.status().logWaiting).toBe(0);
    expect(bench.server.office.log.size).toBe(2);
  });
});

describe('an idle till', () => {
  it('drains in steps of the allowance by itself, and uploads its log', async () => {
    const { till: closed } = await tillWithBacklog(7);
    await closed.close();
    bench.server.office.publish({ threshold: 3 });
    takeParameters(bench.files, bench.authority, bench.server);
    const till = await bench.openTill({ pace: { drainMs: 5 } });
    await until(till, () => till.status().waiting === 0);
    while (till.status().logWaiting > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(bench.server.office.chunks).toEqual([3, 3, 1]);
    expect(bench.server.office.log.size).toBe(14);
  });

  it('waits for its part of the return before it drains, and a sale takes its share along at once', async () => {
    const { till: closed } = await tillWithBacklog(2);
    await closed.close();
    bench.server.requests.splice(0);
    const till = await bench.openTill({ pace: { drainMs: 5, idleMs: 5, parametersMs: -1, returnMs: 3_600_000 } });
    // It has looked after its parameters by then, and left alone what waits.
    while (!bench.server.paths(true).includes('/v1/parameters')) await new Promise((resolve) => setImmediate(resolve));
    expect(till.status()).toMatchObject({ waiting: 2, circuit: 'closed' });
    expect((await till.issue('sale', draft('sale'))).result).toBe('issued');
    await until(till, () => till.status().waiting === 0);
  });

  it('comes again when a busy server says so, and not at the next look of an idle till', async () => {
    const { till: closed } = await tillWithBacklog(2);
    await closed.close();
    const busy = { kind: 'answer', status: 503, body: problem('server_busy', { retryAfterMs: 20 }) } as const;
    let turnedAway = 0;
    bench.server.fault = ({ path }) => (path === REISSUES && ++turnedAway <= 2 ? busy : null);
    const till = await bench.openTill();
    // The first try is the one behind a sale, the second the till's own.
    expect((await till.issue('sale', draft('sale'))).result).toBe('issued');
    await until(till, () => till.status().waiting === 0);
    expect(till.status()).toMatchObject({ waiting: 0, issued: 3, circuit: 'closed' });
    expect(turnedAway).toBe(3);
  });

  it('survives a server that was gone in between', async () => {
    const { till: closed } = await tillWithBacklog(2);
    await closed.close();
    const { port, office } = bench.server;
    await bench.server.stop();
    const till = await bench.openTill({ pace: { drainMs: 5, probeMs: 10, probeMsMax: 20 } });
    while (till.status().circuit === 'closed') await new Promise((resolve) => setImmediate(resolve));
    const restarted = await StandInServer.start({ authority: bench.authority, office, port });
    bench.onEnd(() => restarted.stop());
    restarted.knowCertificate(bench.files.certificate()!);
    await until(till, () => till.status().waiting === 0);
    expect(till.status()).toMatchObject({ circuit: 'closed', issued: 2 });
  });
});
