import { it } from 'vitest';
import { openOffice } from '../issuance/office.js';
import { makeInvoiceOfLines } from '@tax-control/protocol/testing';
it('speed', async () => {
  const office = await openOffice();
  const tills = await Promise.all(Array.from({ length: 32 }, () => office.till()));
  const N = 150, L = 32;
  const lists = [];
  for (let i = 0; i < N; i++) {
    const list = [];
    for (let j = 0; j < L; j++) { const { lines, taxes, total, payments } = makeInvoiceOfLines(21); list.push(await tills[j % 32]!.sale({ lines, taxes, total, payments })); }
    lists.push(list);
  }
  const run = async (from: number, to: number, inflight: number) => {
    const t = performance.now(); const cpu = process.cpuUsage();
    let next = from;
    await Promise.all(Array.from({ length: inflight }, async () => { while (next < to) { const i = next++; await office.issuance.issue(lists[i]!); } }));
    const ms = performance.now() - t; const u = process.cpuUsage(cpu);
    console.log(`inflight ${inflight}: ${(ms * 1000 / ((to - from) * L)).toFixed(1)} us/invoice wall, node cpu ${((u.user + u.system) / ((to - from) * L)).toFixed(1)} us/invoice, ms per list ${(ms / (to - from)).toFixed(2)}`);
  };
  await run(0, 30, 1); await run(30, 60, 1); await run(60, 105, 2); await run(105, 150, 2);
  await office.close();
}, 120000);
