import { problem } from '@tax-control/protocol';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { REFUSED_BYTES_A_DAY, REFUSED_INVOICES_A_DAY, Refusals } from '../../src/ledger/refusals.js';
import type { RefusedInvoice } from '../../src/ledger/refused-invoices.js';
import { TerminalLimits } from '../../src/rate-limits/rate-limits.js';
import { type Office, openOffice, type Till } from './office.js';

const FACTS_TOLD = /keeps the facts of this refusal and not the bytes/;

let office: Office;
let refusals: Refusals;
beforeAll(async () => {
  office = await openOffice();
  refusals = new Refusals(office.pool, new TerminalLimits(office.pool));
});
afterAll(() => office.close());

function refused({ terminalId, journalId }: Till, counter: number, body: string): RefusedInvoice {
  return {
    terminalId,
    body,
    problem: problem('signature_invalid'),
    claims: { invoiceId: null, journalId, counter },
    door: 'issue',
    attemptId: null,
  };
}

async function kept({ terminalId }: Till) {
  const { rows } = await office.pool.query<Record<string, unknown>>(
    `SELECT counter::integer AS counter, octet_length(body) AS bytes, is_kept_whole AS whole, cause, octet_length(digest) AS digest
     FROM refused_invoice WHERE terminal_id = $1 ORDER BY refused_id`,
    [terminalId],
  );
  return rows;
}

describe('what one terminal has refused in a day', () => {
  it('is kept whole up to a number of bytes; then its facts are, and the till is told', async () => {
    const [till, other] = [await office.till(), await office.till()];
    const half = REFUSED_BYTES_A_DAY.tries / 2;
    const bodies = ['a', 'b', 'c'].map((letter) => letter.repeat(half));
    const told = [];
    for (const [index, body] of bodies.entries())
      told.push(...(await refusals.record([refused(till, index + 1, body)])));
    expect(told.map(({ code, retry }) => [code, retry])).toEqual(bodies.map(() => ['signature_invalid', 'never']));
    expect(told[1]).toEqual(problem('signature_invalid'));
    expect(told[2]!.detail).toMatch(FACTS_TOLD);
    const facts = { cause: 'signature_invalid', digest: 32 };
    expect(await kept(till)).toEqual([
      { counter: 1, bytes: half, whole: true, ...facts },
      { counter: 2, bytes: half, whole: true, ...facts },
      { counter: 3, bytes: 0, whole: false, ...facts },
    ]);
    await refusals.record([refused(other, 1, 'x')]);
    expect(await kept(other)).toMatchObject([{ whole: true }]);
  });

  it('is told by what is on file where the same bytes were refused before', async () => {
    const till = await office.till();
    const half = REFUSED_BYTES_A_DAY.tries / 2;
    const [whole, filler, facts] = ['a', 'b', 'c'].map((letter, index) =>
      refused(till, index + 1, letter.repeat(half)),
    ) as [RefusedInvoice, RefusedInvoice, RefusedInvoice];
    for (const one of [whole, filler, facts]) await refusals.record([one]);
    // The day has no room left: what was kept whole before is so still.
    const [again, fresh] = await refusals.record([whole, refused(till, 4, 'd')]);
    expect([again, fresh!.detail]).toEqual([problem('signature_invalid'), expect.stringMatching(FACTS_TOLD)]);
    // The next day has: what only the facts are kept of stays so.
    await office.ground.superuser.query('DELETE FROM rate_limit');
    const nextDay = new Refusals(office.pool, new TerminalLimits(office.pool));
    const [next, late] = await nextDay.record([refused(till, 5, 'e'), facts]);
    expect([next, late!.detail]).toEqual([problem('signature_invalid'), expect.stringMatching(FACTS_TOLD)]);
    expect((await kept(till)).map(({ whole: isWhole }) => isWhole)).toEqual([true, true, false, false, true]);
  });

  it('costs a second query only where something was on file', async () => {
    const till = await office.till();
    const queries = vi.spyOn(office.pool, 'query');
    const ofLedger = () =>
      queries.mock.calls.filter((call) => /(INTO|JOIN) refused_invoice\b/.test(JSON.stringify(call))).length;
    await refusals.record([refused(till, 1, 'a'), refused(till, 2, 'b')]);
    expect(ofLedger()).toBe(1);
    await refusals.record([refused(till, 1, 'a'), refused(till, 3, 'c')]);
    expect(ofLedger()).toBe(3);
    queries.mockRestore();
  });

  it('is deferred beyond a number of invoices, and nothing of it is kept', async () => {
    const till = await office.till();
    const list = Array.from({ length: REFUSED_INVOICES_A_DAY.tries }, (_, index) =>
      refused(till, index + 1, `${index}`),
    );
    expect(new Set((await refusals.record(list)).map(({ code }) => code))).toEqual(new Set(['signature_invalid']));
    const [told] = await refusals.record([refused(till, 10_001, 'one more')]);
    expect(told).toMatchObject({ code: 'too_many_refusals', status: 429, retry: 'later' });
    expect(told!.retryAfterMs).toBeGreaterThan(0);
    expect(await kept(till)).toHaveLength(REFUSED_INVOICES_A_DAY.tries);
  });

  it('is written down in turn: a flood of one terminal holds two sessions at most, and others wait for none of it', async () => {
    const [till, other] = [await office.till(), await office.till()];
    let sessions = 0;
    const watch = setInterval(() => (sessions = Math.max(sessions, office.pool.totalCount - office.pool.idleCount)), 1);
    const flood = Promise.all(
      Array.from({ length: 200 }, (_, index) => refusals.record([refused(till, index + 1, `flood ${index}`)])),
    );
    const [told] = await refusals.record([refused(other, 1, 'one')]);
    expect(told!.code).toBe('signature_invalid');
    const codes = (await flood).map(([one]) => one?.code);
    clearInterval(watch);
    expect(codes.filter((code) => code === 'signature_invalid')).toHaveLength((await kept(till)).length);
    expect(codes.filter((code) => code === 'server_busy').length).toBeGreaterThan(100);
    expect(sessions).toBeLessThanOrEqual(2);
  });
});
