// @ts-nocheck
import { it } from 'vitest';
import { openOffice } from '../issuance/office.js';
import { readFileSync } from 'node:fs';
it('plan', async () => {
  const office = await openOffice();
  const tills = await Promise.all(Array.from({ length: 32 }, () => office.till()));
  for (let i = 0; i < 150; i++) { const l = []; for (let j = 0; j < 64; j++) l.push(await tills[j % 32].sale()); await office.issuance.issue(l); }
  const src = readFileSync('src/ledger/reserve-numbers.ts', 'utf8');
  const sql = /const RESERVE = `([\s\S]*?)`;/.exec(src)[1];
  const list = tills.slice(0, 14);
  const client = await office.pool.connect();
  await client.query(`PREPARE r(text[],uuid[],uuid[],bigint[],text) AS ${sql}`);
  const arr = (a) => `'{${a.join(',')}}'`;
  const exec = `EXECUTE r(${arr(list.map((t) => t.terminalId))},${arr(list.map(() => crypto.randomUUID()))},${arr(list.map((t) => t.journalId))},${arr(list.map((t) => t.counter + 1))},'tax_control_number_test')`;
  for (let i = 0; i < 7; i++) { const t = performance.now(); await client.query(exec); console.log('ms', performance.now() - t); }
  console.log((await client.query('EXPLAIN (ANALYZE, BUFFERS) ' + exec)).rows.map((r) => r['QUERY PLAN']).join('\n'));
  await office.ground.superuser.query('VACUUM ANALYZE');
  console.log((await client.query('EXPLAIN (ANALYZE, BUFFERS) ' + exec)).rows.map((r) => r['QUERY PLAN']).join('\n'));
  client.release();
  await office.close();
}, 60000);
