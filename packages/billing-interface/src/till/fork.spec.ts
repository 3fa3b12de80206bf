import { cpSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SaleIssued } from '../api.js';
import { TillBench } from '../testing/till-bench.js';
import { draft, temporaryFolder } from '../testing/till-folder.js';

let bench: TillBench;
beforeEach(async () => {
  bench = await TillBench.set();
});
afterEach(() => bench.end());

/** The folder as it is now, to be put back later. */
function diskImage(): { putBack(): void } {
  const copy = temporaryFolder();
  cpSync(bench.directory, copy.directory, { recursive: true });
  return {
    putBack: () => {
      rmSync(bench.directory, { recursive: true });
      cpSync(copy.directory, bench.directory, { recursive: true });
      copy.remove();
    },
  };
}

async function sell(...saleIds: string[]): Promise<SaleIssued[]> {
  const till = await bench.openTill();
  const sales: SaleIssued[] = [];
  for (const saleId of saleIds) sales.push((await till.issue(saleId, draft(saleId))) as SaleIssued);
  await till.close();
  return sales;
}

describe('an old disk image that was put back', () => {
  it('is noticed by the server’s last counter: a new journal is opened and told of', async () => {
    await sell('a');
    const image = diskImage();
    await sell('b', 'c', 'd');
    image.putBack();
    const till = await bench.openTill();
    const { journalId } = till.status();
    const fork = (await till.issue('e', draft('e'))) as SaleIssued;
    expect(fork).toMatchObject({ result: 'issued', counter: 2 });
    expect(till.status().journalId).not.toBe(journalId);
    expect(till.feed(0).filter(({ kind }) => kind === 'journal_opened')).toMatchObject([
      { detail: expect.stringMatching(/ends at counter 2, and the server has its counter 4: an older copy/) as string },
    ]);
    expect(till.status().losses).toMatchObject([{ journalId, found: 1, written: 4, noticedBy: 'server', missing: 2 }]);
    const next = (await till.issue('f', draft('f'))) as SaleIssued;
    expect(next.notices).toEqual([expect.stringContaining('an older copy of the till’s folder') as string]);
    expect(await till.issue('g', draft('g'))).not.toHaveProperty('notices');
    expect(next.invoice).toMatchObject({ counter: 1, previousDigest: null, journalId: till.status().journalId });
    expect(till.lookUp('a')).toMatchObject({ result: 'issued' });
  });

  it('is noticed by a counter that was used twice, when the server has no later one', async () => {
    await sell('a');
    const image = diskImage();
    await sell('b');
    image.putBack();
    bench.server.office.warn = ({ number }) => (number === 'c' ? [{ code: 'counter_fork', detail: 'counter 2' }] : []);
    const till = await bench.openTill();
    const { journalId } = till.status();
    expect(await till.issue('c', draft('c'))).toMatchObject({ result: 'issued', warnings: [{ code: 'counter_fork' }] });
    expect(till.status().journalId).not.toBe(journalId);
  });

  it('is noticed at the late door, too, and what waits in the old journal goes on waiting', async () => {
    await sell('a');
    const image = diskImage();
    await sell('b', 'c');
    image.putBack();
    bench.server.fault = () => ({ kind: 'reset' });
    const till = await bench.openTill();
    const { journalId } = till.status();
    await till.issue('d', draft('d'));
    bench.server.fault = () => null;
    expect(await till.drain()).toMatchObject({ issued: 1, stillWaiting: 0 });
    expect(till.status().journalId).not.toBe(journalId);
  });

  it('is no alarm when nothing is wrong', async () => {
    const [first, ...others] = await sell('a', 'b', 'c');
    expect(others.every(({ invoice }) => invoice.journalId === first!.invoice.journalId)).toBe(true);
  });
});
