import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PROBLEMS } from '@tax-control/protocol';
import { TillBench } from '../testing/till-bench.js';
import { draft, takeParameters } from '../testing/till-folder.js';

let bench: TillBench;
beforeEach(async () => {
  bench = await TillBench.set();
});
afterEach(() => bench.end());

describe('a technical fault of authentication', () => {
  it.each([
    'certificate_expired',
    'certificate_expired_long_ago',
    'certificate_untrusted',
    'certificate_not_yet_valid',
    'terminal_unknown',
  ] as const)('%s: does not shut the shop; the MIS is told the cause and what to do', async (cause) => {
    bench.server.office.standing = cause;
    const till = await bench.openTill();
    for (const saleId of ['sale 1', 'sale 2'])
      expect(await till.issue(saleId, draft(saleId))).toMatchObject({
        result: 'stored_offline',
        cause,
        detail: expect.stringContaining(PROBLEMS[cause].remedy) as string,
      });
    expect(till.log()).toMatchObject([
      { outcome: 'not_authenticated', cause },
      { outcome: 'not_authenticated', cause },
    ]);
    expect(till.feed(0).filter(({ kind }) => kind === 'not_authenticated')).toMatchObject([{ code: cause }]);
    expect(till.status().circuit).toBe('closed');
    bench.server.office.standing = 'active';
    expect(await till.drain()).toMatchObject({ issued: 2, stillWaiting: 0 });
  });
});

describe('a decision of the office', () => {
  it.each(['terminal_suspended', 'terminal_revoked', 'certificate_revoked'] as const)(
    '%s: what was signed stays queued, later sales are not permitted before signing, also after a restart',
    async (cause) => {
      bench.server.office.standing = cause;
      const till = await bench.openTill();
      expect(await till.issue('sale 1', draft('R-1'))).toMatchObject({ result: 'stored_offline', cause });
      const barred = await till.issue('sale 2', draft('R-2'));
      expect(barred).toMatchObject({
        result: 'not_permitted',
        detail: expect.stringContaining(PROBLEMS[cause].remedy) as string,
      });
      expect(till.status()).toMatchObject({ lastCounter: 1, waiting: 1 });
      await till.close();
      const reopened = await bench.openTill();
      expect(await reopened.issue('sale 2', draft('R-2'))).toMatchObject({ result: 'not_permitted' });
      expect(await reopened.issue('sale 1', draft('R-1'))).toMatchObject({ result: 'stored_offline', cause });
    },
  );

  it('a suspended till still reissues and uploads its log', async () => {
    const { office } = bench.server;
    office.standing = 'terminal_suspended';
    const till = await bench.openTill();
    await till.issue('sale 1', draft('R-1'));
    expect(await till.drain()).toMatchObject({ issued: 1, stillWaiting: 0, cause: null });
    expect(office.log.size).toBe(2);
    expect(await till.issue('sale 2', draft('R-2'))).toMatchObject({ result: 'not_permitted' });
  });

  it('a till that is let sell again sells at the next sale', async () => {
    bench.server.office.standing = 'terminal_suspended';
    const till = await bench.openTill();
    await till.issue('sale 1', draft('R-1'));
    expect(await till.issue('sale 2', draft('R-2'))).toMatchObject({ result: 'not_permitted' });
    bench.server.office.standing = 'active';
    expect(await till.issue('sale 2', draft('R-2'))).toMatchObject({ result: 'issued', counter: 2 });
  });

  it('the parameters may let it sell on: it is signed and gets its code by the late door', async () => {
    bench.server.office.publish({ suspendedMaySell: true });
    takeParameters(bench.files, bench.authority, bench.server);
    bench.server.office.standing = 'terminal_suspended';
    const till = await bench.openTill();
    for (const saleId of ['sale 1', 'sale 2'])
      expect(await till.issue(saleId, draft(saleId))).toMatchObject({
        result: 'stored_offline',
        cause: 'terminal_suspended',
      });
    expect(await till.drain()).toMatchObject({ issued: 2, stillWaiting: 0 });
  });

  it('a till that was barred stays so while it is offline', async () => {
    bench.server.office.standing = 'terminal_suspended';
    const till = await bench.openTill();
    await till.issue('sale 1', draft('R-1'));
    bench.server.fault = () => ({ kind: 'reset' });
    expect(await till.issue('sale 2', draft('R-2'))).toMatchObject({ result: 'not_permitted' });
    expect(await till.issue('sale 3', draft('R-3'))).toMatchObject({ result: 'not_permitted' });
  });
});
