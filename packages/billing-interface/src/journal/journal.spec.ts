import { parseCompactJws } from '@tax-control/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { appendSale, AT, DRIVERS, journalFile, openRaw, openSpecJournal } from '../testing/journal-fixture.js';
import { temporaryFolder } from '../testing/till-folder.js';
import type { Journal } from './journal.js';
import { Statement } from './sqlite/database.js';
import { isLegalChange, JOURNAL_STATES } from './states.js';

describe.each(DRIVERS)('a journal by $name', (driver) => {
  let folder: ReturnType<typeof temporaryFolder>;
  let journal: Journal;
  beforeEach(() => {
    folder = temporaryFolder();
    journal = openSpecJournal(folder.directory, { driver });
  });
  afterEach(() => {
    journal.close();
    folder.remove();
  });

  const sealed = { receipt: 'a.b.c', code: '1'.repeat(20), warnings: [], at: 1 };
  const payload = (jws: string) => JSON.parse(parseCompactJws(jws)!.payload.toString()) as Record<string, unknown>;

  describe('the chain', () => {
    it('counts without gaps and names the digest before', () => {
      const first = appendSale(journal, 'a');
      const second = appendSale(journal, 'b');
      expect([first.counter, second.counter]).toEqual([1, 2]);
      expect(payload(first.jws)['previousDigest']).toBeNull();
      expect(payload(second.jws)['previousDigest']).toBe(first.digest);
      expect(journal.current.lastCounter).toBe(2);
    });

    it('uses no counter for what the signer refuses', () => {
      const sale = { saleId: 'a', saleDigest: 'd', invoiceId: 'i', saleAmount: 0, signedAt: 0, notices: [] };
      const attempt = { id: 'x', at: AT, door: 'issue', invoiceId: 'i' } as const;
      expect(journal.append(sale, attempt, () => null)).toBeNull();
      expect(journal.current.lastCounter).toBe(0);
      expect(appendSale(journal, 'b').counter).toBe(1);
    });

    it('goes on after the file was closed and opened', () => {
      const first = appendSale(journal, 'a');
      const { journalId } = journal.current;
      journal.close();
      journal = openSpecJournal(folder.directory, { driver });
      expect(journal.current).toEqual({ journalId, lastCounter: 1 });
      expect(payload(appendSale(journal, 'b').jws)['previousDigest']).toBe(first.digest);
    });

    it('begins anew in another journal of the same file, and says so in the feed', () => {
      appendSale(journal, 'a');
      const { journalId } = journal.current;
      journal.openNext('Because of a spec.', 4);
      expect(journal.current.journalId).not.toBe(journalId);
      expect(appendSale(journal, 'b').counter).toBe(1);
      expect(journal.invoices.waitingAfter(0, 10)).toHaveLength(2);
      expect(journal.feed.after(0, 10)).toMatchObject([
        { kind: 'journal_lost', detail: 'Because of a spec.' },
        { kind: 'journal_opened', detail: 'A new journal was opened. Because of a spec.' },
      ]);
    });
  });

  describe('what was signed', () => {
    it('is found by sale and by invoice, and a saleId is there once', () => {
      const entry = appendSale(journal, 'a');
      expect(journal.invoices.bySale('a')).toEqual(entry);
      expect(journal.invoices.byInvoice(entry.invoiceId)).toEqual(entry);
      expect(journal.invoices.bySale('b')).toBeNull();
      expect(() => appendSale(journal, 'a')).toThrow(/UNIQUE/);
      expect(journal.current.lastCounter).toBe(1);
    });

    it.each(['jws', 'digest', 'counter', 'journal_id', 'sale_id', 'invoice_id', 'sale_digest', 'signed_at'])(
      'never changes its %s',
      (column) => {
        appendSale(journal, 'a');
        journal.close();
        const database = openRaw(journalFile(folder.directory), driver);
        expect(() => database.prepare(`UPDATE invoices SET ${column} = ${column}`).run()).toThrow(/never changes/);
        database.close();
      },
    );

    it('is never deleted, nor is an attempt', () => {
      appendSale(journal, 'a');
      journal.close();
      const database = openRaw(journalFile(folder.directory), driver);
      expect(() => database.exec('DELETE FROM invoices')).toThrow(/never deleted/);
      expect(() => database.exec('DELETE FROM attempts')).toThrow(/never deleted/);
      database.close();
    });
  });

  describe('states', () => {
    const moves: Record<string, (id: string) => void> = {
      waiting: (id) => journal.invoices.keepWaiting(id, 'connection_refused', null),
      issued: (id) => journal.invoices.seal(id, sealed),
      refused: (id) => journal.invoices.park(id, { code: 'signature_invalid' } as never, 1),
    };

    const changes = JOURNAL_STATES.flatMap((from) => JOURNAL_STATES.map((to) => [from, to] as const));
    it.each(changes)('go from %s to %s as the table says, and the database holds to it', (from, to) => {
      const { invoiceId } = appendSale(journal, 'a');
      moves[from]!(invoiceId);
      let refusal = '';
      try {
        journal.transaction(() => moves[to]!(invoiceId));
      } catch (error) {
        refusal = String(error);
      }
      expect(refusal.includes('never changes again')).toBe(!isLegalChange(from, to));
      expect(journal.invoices.byInvoice(invoiceId)?.state).toBe(isLegalChange(from, to) ? to : from);
    });
  });

  describe('what waits', () => {
    it('is summed up without what was deferred', () => {
      const { invoiceId } = appendSale(journal, 'a', 100);
      appendSale(journal, 'b', 250);
      appendSale(journal, 'c', 0);
      journal.invoices.countFailure(invoiceId, { cause: 'row_refused', detail: null, deferred: true, at: 5 });
      expect(journal.invoices.backlog()).toMatchObject({ waiting: 3, counted: 2, countedSales: 250 });
      expect(journal.invoices.byInvoice(invoiceId)).toMatchObject({ deferred: true, failures: 1, failedAt: 5 });
    });

    it('is summed up to 2^53 − 1, which stops no sale', () => {
      for (let number = 1; number <= 3; number += 1) appendSale(journal, `sale ${number}`, Number.MAX_SAFE_INTEGER);
      expect(journal.invoices.backlog().countedSales).toBe(Number.MAX_SAFE_INTEGER);
    });

    it('is summed up anew after a rollback, and as another process would count it', () => {
      const [first] = ['a', 'b', 'c'].map((saleId) => appendSale(journal, saleId, 100));
      journal.invoices.seal(first!.invoiceId, sealed);
      const before = journal.invoices.backlog();
      expect(before).toMatchObject({ waiting: 2, counted: 2, countedSales: 200, oldestCountedPosition: 2 });
      expect(() =>
        journal.transaction(() => {
          appendSale(journal, 'd', 100);
          journal.invoices.countFailure(first!.invoiceId, {
            cause: 'row_refused',
            detail: null,
            deferred: true,
            at: 5,
          });
        }),
      ).toThrow(/never changes again/);
      expect(journal.invoices.backlog()).toEqual(before);
      appendSale(journal, 'e', 50);
      const summed = journal.invoices.backlog();
      expect(summed).toMatchObject({ waiting: 3, counted: 3, countedSales: 250 });
      journal.close();
      journal = openSpecJournal(folder.directory);
      expect(journal.invoices.backlog()).toEqual(summed);
    });

    it('is not counted again at each sale', () => {
      for (let number = 1; number <= 3; number += 1) appendSale(journal, `sale ${number}`);
      const iterate = vi.spyOn(Statement.prototype, 'iterate');
      appendSale(journal, 'one more');
      expect(journal.invoices.backlog()).toMatchObject({ waiting: 4 });
      expect(iterate).not.toHaveBeenCalled();
      iterate.mockRestore();
    });

    it('comes oldest first, after a position', () => {
      const entries = ['a', 'b', 'c', 'd'].map((saleId) => appendSale(journal, saleId));
      journal.invoices.seal(entries[1]!.invoiceId, sealed);
      expect(journal.invoices.waitingAfter(entries[0]!.position, 1).map(({ saleId }) => saleId)).toEqual(['c']);
      expect(journal.invoices.waitingAfter(0, 9).map(({ saleId }) => saleId)).toEqual(['a', 'c', 'd']);
    });
  });

  describe('the transaction log', () => {
    const end = {
      outcome: 'issued',
      cause: null,
      detail: null,
      address: 'https://x',
      connectMs: 1,
      tlsMs: 2,
      answerMs: 3,
      totalMs: 6,
    } as const;

    it('keeps the first ending of an attempt, and uploads what has ended', () => {
      const { invoiceId } = appendSale(journal, 'a');
      journal.attempts.begin({ id: 'one', at: AT, door: 'reissue', invoiceId });
      expect(journal.attempts.waiting(10)).toEqual([]);
      journal.attempts.end('one', { ...end, outcome: 'failed', cause: 'answer_timeout' });
      journal.attempts.end('one', end);
      const [waiting] = journal.attempts.waiting(10);
      expect(waiting?.entry).toMatchObject({ id: 'one', outcome: 'failed', cause: 'answer_timeout', door: 'reissue' });
      expect(journal.attempts.lastFailure()).toMatchObject({ cause: 'answer_timeout' });
      journal.attempts.mark([waiting!.position], 'taken');
      expect(journal.attempts.countWaiting()).toBe(0);
      expect(journal.attempts.newest(10)).toHaveLength(1);
    });

    it('calls attempts that were under way when the till stopped interrupted', () => {
      appendSale(journal, 'a');
      journal.close();
      journal = openSpecJournal(folder.directory, { driver });
      expect(journal.attempts.newest(10)).toMatchObject([{ outcome: 'failed', cause: 'till_restarted' }]);
    });
  });

  describe('the feed', () => {
    it('wakes listeners once the event can be read', async () => {
      const seen = new Promise((resolve) => {
        const stop = journal.feed.onAppend(() => {
          stop();
          resolve(journal.feed.after(0, 10));
        });
      });
      journal.openNext('News.', 0);
      expect(await seen).toHaveLength(2);
    });
  });
});
