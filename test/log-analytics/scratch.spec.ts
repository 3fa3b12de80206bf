import { writeFileSync, appendFileSync } from 'node:fs';
import { Pool } from 'pg';
import { expect, it } from 'vitest';
import { InvoiceStatisticsService } from '../../src/log-analytics/invoices/invoice-statistics.js';
import { rollUp } from '../../src/log-analytics/invoices/roll-up.js';
import { PremisesDirectory } from '../../src/registry/premises-directory.js';
import { createTestDatabase } from '../support/database.js';

const OUT = '/tmp/s-invoices-scratch.log';
const log = (...args: unknown[]) => appendFileSync(OUT, args.map((a) => (typeof a === 'string' ? a : JSON.stringify(a))).join(' ') + '\n');
it('scratch', { timeout: 1_200_000 }, async () => {
  writeFileSync(OUT, '');
  const database = await createTestDatabase();
  const superuser = new Pool({ connectionString: database.superuserUrl, pipeline: true });
  superuser.on('error', () => undefined);
  const N = Number(process.env['ROWS'] ?? 1_000_000);
  let t = performance.now();
  const lap = (what: string) => { log(what, Math.round(performance.now() - t), 'ms'); t = performance.now(); };
  await superuser.query(`INSERT INTO taxpayer SELECT 'taxpayer-' || i, 'x' FROM generate_series(0, 19) i`);
  await superuser.query(`INSERT INTO premises SELECT 'premises-' || i, 'taxpayer-' || i % 20, 'x', 'region-' || i % 8, 'x', 'x' FROM generate_series(0, 39) i`);
  await superuser.query(`INSERT INTO terminal (terminal_id, premises_id, taxpayer_id) SELECT 'till-' || i, 'premises-' || i % 40, 'taxpayer-' || i % 20 FROM generate_series(0, 79) i`);
  lap('registry');
  await superuser.query(`
    INSERT INTO ledger (sequence, code, terminal_id, invoice_id, digest, taxpayer_id, premises_id, journal_id, counter, type, kind,
                         number, issued_at, business_day, currency, total, door, registered_at, receipt_key, receipt_signature)
    SELECT 900000000000 + i, (900000000000 + i)::text || '00000000', 'till-' || till, gen_random_uuid(), sha256(i::text::bytea), 'taxpayer-' || till % 20, 'premises-' || till % 40,
       '00000000-0000-4000-8000-000000000000', i, CASE WHEN i % 97 = 0 THEN 'training' ELSE 'normal' END, CASE WHEN i % 31 = 0 THEN 'refund' WHEN i % 101 = 0 THEN 'void' ELSE 'sale' END, i::text,
       at, at::date, 'GBP', 1200, CASE WHEN i % 20 = 0 THEN 'reissue' ELSE 'issue' END, at + CASE WHEN i % 20 = 0 THEN interval '1 hour' * random() * 9 ELSE interval '1 second' END, 'key', decode(repeat('00', 64), 'hex')
    FROM (SELECT i, (random() * 79)::int AS till, date_trunc('second', timestamptz '2025-11-20' + i * (interval '366 days' / ${N}) / 24 * 10 + (i * 366 / ${N}) * interval '14 hours') AS at FROM generate_series(1, ${N}) i) AS x`);
  lap('ledger');
  await superuser.query(`ALTER TABLE content SET (autovacuum_enabled = off)`).catch(() => undefined);
  await superuser.query(`INSERT INTO content (sequence, registered_at, payload, signature, signer)
    SELECT sequence, registered_at, convert_to('{"lines":[' || (SELECT string_agg('{"type":"goods","description":"Item ' || md5(sequence::text || k) || '","quantity":"1","unitPrice":"120","amount":120,"taxCategory":"standard"}', ',') FROM generate_series(1, 12) k)
       || '],"taxes":[{"category":"standard","rate":"20","base":500,"amount":100},{"category":"reduced","rate":"5","base":500,"amount":25}],"total":1200}', 'UTF8'), decode(repeat('00', 64), 'hex'), 'signer' FROM ledger`);
  lap('content');
  await superuser.query(`INSERT INTO invoice_warning SELECT sequence, 'clock_off', '' FROM ledger WHERE sequence % 500 = 0`);
  log((await superuser.query(`SELECT pg_size_pretty(pg_total_relation_size('ledger')) AS ledger, pg_size_pretty(sum(pg_total_relation_size(oid))) AS content FROM pg_class WHERE relname LIKE 'content%' AND relkind = 'r'`)).rows);
  await superuser.query('ANALYZE');
  lap('analyze');
  let rows = 0;
  for (let i = 0; ; i += 1) {
    const s = performance.now();
    const outcome = await rollUp(superuser, i < 5 ? 2_000 : 20_000);
    if (outcome.result !== 'done') throw new Error(JSON.stringify(outcome));
    rows += outcome.rows;
    if (i < 10 || i % 10 === 0) log('chunk', outcome.rows, Math.round(performance.now() - s), 'ms');
    if (!outcome.more) break;
  }
  lap(`rolled up ${rows}`);
  log((await superuser.query(`EXPLAIN (ANALYZE, COSTS OFF) SELECT terminal_id, premises_id, taxpayer_id, region, date_bin('15 minutes', at, 'epoch'::timestamptz), figure, label, door, sum(times), sum(base), sum(amount), max(longest_ms) FROM invoice_figure WHERE number = ANY($1::bigint[]) GROUP BY 1,2,3,4,5,6,7,8`, [Array.from({ length: 2000 }, (_, i) => 900000300000 + i)])).rows.map((r: any) => r['QUERY PLAN']).join('\n'));
  log((await superuser.query(`SELECT count(*), pg_size_pretty(pg_total_relation_size('invoice_statistics')) FROM invoice_statistics`)).rows);
  log((await superuser.query(`SELECT level, grain, count(*) FROM invoice_statistics GROUP BY 1,2 ORDER BY 1,2`)).rows);
  await superuser.query('VACUUM ANALYZE invoice_statistics');
  await superuser.query('VACUUM ledger');
  const service = new InvoiceStatisticsService(superuser, new PremisesDirectory(superuser));
  const ask = async (name: string, from: string, to: string, zone: string, step: 'hour' | 'day' | 'week' | 'month', filter = {}, view: any = 'all') => {
    const times: number[] = [];
    let invoices = 0;
    for (let k = 0; k < 7; k += 1) {
      const s = performance.now();
      const r = await service.statistics({ period: { from, to, zone, step }, filter }, view);
      invoices = r.figures.invoices.value;
      times.push(Math.round(performance.now() - s));
    }
    log(name, zone, step, 'invoices', invoices, 'ms', times);
  };
  for (const zone of ['UTC', 'Europe/Berlin', 'Asia/Kolkata']) {
    for (const step of ['month', 'week', 'day', 'hour'] as const) await ask('year all', '2025-11-20T00:00:00Z', '2026-11-20T00:00:00Z', zone, step);
  }
  await ask('year edges', '2025-11-20T00:03:00Z', '2026-11-20T11:11:11Z', 'Europe/Berlin', 'day');
  await ask('day', '2026-06-20T00:00:00Z', '2026-06-21T00:00:00Z', 'Europe/Berlin', 'hour');
  await ask('edges of a day', '2026-06-20T08:03:00Z', '2026-06-20T09:11:11Z', 'Europe/Berlin', 'hour');
  await ask('year region', '2025-11-20T00:00:00Z', '2026-11-20T00:00:00Z', 'Europe/Berlin', 'day', { regions: ['region-1'] });
  await ask('year taxpayer', '2025-11-20T00:00:00Z', '2026-11-20T00:00:00Z', 'Europe/Berlin', 'day', { taxpayerIds: ['taxpayer-1'] });
  await ask('year terminal', '2025-11-20T00:00:00Z', '2026-11-20T00:00:00Z', 'Europe/Berlin', 'day', { terminalIds: ['till-1'] });
  await ask('year terminal', '2025-11-20T00:00:00Z', '2026-11-20T00:00:00Z', 'Europe/Berlin', 'week', { terminalIds: ['till-1'] });
  await ask('year 30 premises', '2025-11-20T00:00:00Z', '2026-11-20T00:00:00Z', 'Europe/Berlin', 'day', {}, Array.from({ length: 30 }, (_, i) => `premises-${i}`));
  await ask('year 30 premises', '2025-11-20T00:00:00Z', '2026-11-20T00:00:00Z', 'Europe/Berlin', 'month', {}, Array.from({ length: 30 }, (_, i) => `premises-${i}`));
  t = performance.now();
  await superuser.query(`SELECT date_trunc('day', issued_at), door, type, kind, currency, count(*), sum(total) FROM ledger GROUP BY 1,2,3,4,5`);
  lap('direct GROUP BY, ledger only');
  await superuser.query(`SELECT date_trunc('day', issued_at), t->>'category', t->>'rate', count(*), sum((t->>'amount')::bigint) FROM ledger JOIN content USING (sequence, registered_at), jsonb_array_elements(convert_from(payload, 'UTF8')::jsonb->'taxes') t WHERE sequence % 10 = 0 GROUP BY 1,2,3`);
  lap('direct GROUP BY, taxes of a tenth');
  expect(rows).toBe(N);
  await superuser.end();
  await database.drop();
});
