import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sqlFailure } from '../../src/database/sql-failure.js';
import { REPORTS_OF_RECEIPT } from '../../src/public-check/limits.js';
import { CustomerReports } from '../../src/public-check/customer-reports.js';
import { codeOf, forgetTries, openPlace, type Place, textOf } from './place.js';
import { testPool } from '../support/pool.js';

const FIRST = { page: 1, pageSize: 50 };

let place: Place;
let pool: Pool;
let reports: CustomerReports;
let code: string;
beforeAll(async () => {
  place = await openPlace();
  pool = testPool({ connectionString: place.office.ground.database.serverUrl, max: 1 });
  reports = new CustomerReports(pool);
  const till = await place.office.till({ terminalId: 'till-1' });
  const [result] = await place.office.issuance.issue([await till.sale()]);
  code = codeOf(result);
});
beforeEach(() => forgetTries(place));
afterAll(async () => {
  await pool.end();
  await place.close();
});

describe('a report of a customer', () => {
  it('is stored with what the server knows of the paper', async () => {
    const answer = await place.send(`/v/${code}`, { reason: 'other_total', message: 'It was\r\n12.50, not  9.' });
    expect([answer.status, textOf(answer)]).toEqual([201, expect.stringContaining('Your report has been stored')]);
    const [report] = (await reports.list(FIRST, null, 'all')).items;
    expect(report).toMatchObject({
      code,
      terminalId: null,
      premisesId: 'premises-of-taxpayer-1',
      standing: 'on_file',
      kind: 'other_total',
      text: 'It was 12.50, not 9.',
      language: 'en',
      state: 'new',
    });
  });

  it.each([
    ['/v/12345', { code: '12345', standing: 'mistyped', premisesId: null }],
    [
      '/v/till-1/018f0000-0000-7000-8000-000000000001',
      { standing: 'not_reported', premisesId: 'premises-of-taxpayer-1' },
    ],
    [`/v/nobody/${randomUUID()}`, { terminalId: 'nobody', standing: 'terminal_unknown', premisesId: null }],
  ])('of %s is stored too', async (path, expected) => {
    expect((await place.send(path, { reason: 'not_on_file', lang: 'zh-CN' })).status).toBe(201);
    expect((await reports.list(FIRST, null, 'all')).items[0]).toMatchObject({
      ...expected,
      kind: 'not_on_file',
      language: 'zh-CN',
    });
  });

  it('may say anything: it stays text, in bounds', async () => {
    const message = `<script>alert(1)</script>'; DROP TABLE ledger; =1+1\u0000\u0007${'长'.repeat(1_200)}`;
    expect((await place.send(`/v/${code}`, { reason: '<b>', message })).status).toBe(201);
    const [report] = (await reports.list(FIRST, null, 'all')).items;
    expect(report!.kind).toBe('other');
    expect(report!.text).toHaveLength(1_000);
    expect(report!.text).toMatch(/^<script>alert\(1\)<\/script>'; DROP TABLE ledger; =1\+1\u{FFFD}\u{FFFD}长+…$/u);
  });

  it('is bounded in bytes, number and form', async () => {
    expect((await place.send(`/v/${code}`, { message: 'x'.repeat(20_000) })).status).toBe(413);
    expect((await place.send(`/v/${code}`, {})).status).toBe(201);
    const elsewhere = await place.send('/v1/invoices', { invoice: 'x' });
    expect(elsewhere.status).toBe(415);
    await forgetTries(place);
    const answers = [];
    for (let each = 0; each < REPORTS_OF_RECEIPT.tries + 1; each += 1)
      answers.push(await place.send(`/v/${code}`, { message: `${each}` }, `127.0.4.${each + 1}`));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(REPORTS_OF_RECEIPT.tries);
    expect(textOf(answers.at(-1)!)).toContain('Your report was not stored');
  });
});

describe('the list for officials', () => {
  it('has only what an official may see, page by page', async () => {
    const all = (await reports.list(FIRST, null, 'all')).items;
    const own = (await reports.list(FIRST, null, ['premises-of-taxpayer-1'])).items;
    expect(own.length).toBeGreaterThan(0);
    expect(own.length).toBeLessThan(all.length);
    expect(new Set(own.map(({ premisesId }) => premisesId))).toEqual(new Set(['premises-of-taxpayer-1']));
    expect(own[0]).toMatchObject({ premisesName: 'Corner shop', region: 'North', taxpayerId: 'taxpayer-1' });
    expect((await reports.list(FIRST, null, [])).items).toEqual([]);
    const first = await reports.list({ page: 1, pageSize: 2 }, null, 'all');
    const second = await reports.list({ page: 2, pageSize: 2 }, null, 'all');
    expect([...first.items, ...second.items]).toEqual(all.slice(0, 4));
    expect(first.more).toBe(true);
  });

  it('keeps every mark of an official, and shows the newest', async () => {
    const view = ['premises-of-taxpayer-1'];
    const [report] = (await reports.list(FIRST, null, view)).items;
    const { reportId } = report!;
    await reports.setState(reportId, { state: 'to_follow', note: 'Asked the shop.' }, 'ada', view);
    const marked = await reports.setState(reportId, { state: 'harmless', note: 'A tip.' }, 'grace', view);
    expect(marked).toMatchObject({ reportId, state: 'harmless', note: 'A tip.', handledBy: 'grace' });
    expect((await reports.list(FIRST, 'harmless', 'all')).items).toEqual([marked]);
    expect((await reports.list(FIRST, 'new', 'all')).items).not.toContainEqual(marked);
    for (const [id, seen] of [
      [reportId, ['other']],
      ['999999', view],
      ['1; DROP', 'all'],
    ] as const)
      expect(await reports.setState(id, { state: 'harmless', note: '' }, 'ada', seen)).toBeNull();
    const { rows } = await pool.query('SELECT state FROM receipt_report_mark ORDER BY mark_id');
    expect(rows).toEqual([{ state: 'to_follow' }, { state: 'harmless' }]);
  });

  it('can be added to, and nothing else, by the role of the server', async () => {
    for (const statement of [
      'UPDATE receipt_report SET message = message',
      'DELETE FROM receipt_report',
      'TRUNCATE receipt_report',
      'UPDATE receipt_report_mark SET note = note',
      'DELETE FROM receipt_report_mark',
    ])
      await expect(pool.query(statement).catch((error: unknown) => sqlFailure(error).kind)).resolves.toBe('permission');
  });
});
