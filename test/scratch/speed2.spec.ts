import { it } from 'vitest';
import pg from 'pg';
import { openOffice } from '../issuance/office.js';
import { makeInvoiceOfLines } from '@tax-control/protocol/testing';
it('speed', async () => {
  const office = await openOffice();
  const tills = await Promise.all(Array.from({ length: 32 }, () => office.till()));
  const N = 300, L = 32;
  const lists = [];
  for (let i = 0; i < N; i++) {
    const list = [];
    for (let j = 0; j < L; j++) { const { lines, taxes, total, payments } = makeInvoiceOfLines(21); list.push(await tills[j % 32]!.sale({ lines, taxes, total, payments })); }
    lists.push(list);
  }
  const times = new Map<string, number[]>();
  const original = pg.Client.prototype.query;
  (pg.Client.prototype as any).query = function (this: unknown, q: any, ...rest: any[]) {
    const t = performance.now();
    const p = (original as any).call(this, q, ...rest);
    const name = typeof q === 'string' ? q.slice(0, 20) : q.name ?? 'x';
    if (p?.then) return p.finally(() => { const a = times.get(name) ?? []; a.push(performance.now() - t); times.set(name, a); });
    return p;
  };
  const phase = async (label: string, sql: string, from: number) => {
    if (sql) await office.ground.superuser.query(sql);
    times.clear();
    for (const l of lists.slice(from, from + 50)) await office.issuance.issue(l);
    const a = times.get('insert-invoices')!.sort((x, y) => x - y);
    console.log(label, 'median insert us per invoice', (a[a.length >> 1]! * 1000 / 32).toFixed(1));
  };
  await phase('warm', '', 0);
  await phase('all', '', 50);
  await phase('no fk', 'ALTER TABLE ledger DROP CONSTRAINT ledger_terminal_id_fkey', 100);
  await phase('no code check', 'ALTER TABLE ledger DROP CONSTRAINT ledger_check', 150);
  await phase('no journal idx', 'DROP INDEX ledger_journal', 200);
  await phase('no lz4', 'ALTER TABLE content_2026_11 ALTER COLUMN payload SET STORAGE EXTERNAL', 250);
  for (const [n, a] of times) { a.sort((x, y) => x - y); console.log(n, 'median ms', a[a.length >> 1]!.toFixed(2), 'n', a.length); }
  await office.close();
}, 120000);
