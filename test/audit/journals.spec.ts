import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ForgedLedger } from './forged-ledger.js';
import { audit, ledgerInOrder, verdictOf } from './ledger-in-order.js';

let ledger: ForgedLedger;
beforeEach(async () => {
  ledger = await ledgerInOrder();
});
afterEach(() => ledger.delete());

const sql = (text: string, ...parameters: unknown[]) => ledger.client.query(text, parameters);

describe('journals', () => {
  it('lists gaps, flagged forks and journals that were left, and holds all the same', async () => {
    const till = ledger.tills[0]!;
    till.counter += 2;
    const skipped = await ledger.issue(till);
    till.counter -= 1;
    const fork = await ledger.issue(till, { previousDigest: skipped.row.previous_digest!.toString('base64url') });
    await sql(`INSERT INTO invoice_warning VALUES ($1, 'counter_fork', '')`, fork.row.sequence);
    await ledger.issue({ ...till, journalId: randomUUID(), counter: 0, previousDigest: null });
    const { held, notes } = verdictOf(await audit(ledger), 'I5');
    expect(held).toBe(true);
    expect(notes).toStrictEqual(
      [
        expect.stringContaining('counters 3 to 4 are missing'),
        expect.stringContaining('counter 5 was used for 2 invoices (fork)'),
        expect.stringContaining('left journal'),
      ].map((note) => note as string),
    );
  });

  it('notes a journal that two terminals used', async () => {
    const [first, second] = [ledger.tills[0]!, ledger.tills[1]!];
    await ledger.issue({
      ...second,
      journalId: first.journalId,
      counter: first.counter,
      previousDigest: first.previousDigest,
    });
    expect(verdictOf(await audit(ledger), 'I5').notes.join()).toContain('two terminals');
  });
});
