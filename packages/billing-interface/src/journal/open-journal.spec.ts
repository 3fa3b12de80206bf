import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendSale, DRIVERS, journalFile, openRaw, openSpecJournal } from '../testing/journal-fixture.js';
import { temporaryFolder } from '../testing/till-folder.js';
import { JournalUnavailable } from './journal-unavailable.js';
import { markFileOf } from './mark-file.js';
import type { Database } from './sqlite/database.js';

/** `PRAGMA synchronous` as a number (sqlite.org/pragma.html): 1 is NORMAL, which may lose the last commits in a power cut. */
const FULL = 2;

describe.each(DRIVERS)('a journal by $name', (driver) => {
  let folder: ReturnType<typeof temporaryFolder>;
  let file: string;
  beforeEach(() => {
    folder = temporaryFolder();
    file = journalFile(folder.directory);
  });
  afterEach(() => folder.remove());

  function faultOf(work: () => unknown): JournalUnavailable {
    try {
      work();
    } catch (error) {
      if (error instanceof JournalUnavailable) return error;
      throw error;
    }
    throw new Error('the journal was available');
  }

  /** Overwrites bytes of a file; the length stays. */
  function damage(at: number, bytes: number): void {
    const descriptor = openSync(file, 'r+');
    writeSync(descriptor, Buffer.alloc(bytes, 0xa5), 0, bytes, at);
    closeSync(descriptor);
  }

  describe('opening a journal', () => {
    it('makes a file that only its owner may read', () => {
      openSpecJournal(folder.directory, { driver }).close();
      expect(statSync(file).mode & 0o777).toBe(0o600);
    });

    it('has every commit synced to disk, which is not what SQLite does by itself in this mode', () => {
      const journal = openSpecJournal(folder.directory, { driver });
      // What was synced cannot be seen from outside without a power cut, so the connection itself is asked.
      const database = Reflect.get(journal, 'database') as Database;
      const pragma = (name: string) => database.value(`PRAGMA ${name}`);
      expect([pragma('journal_mode'), pragma('synchronous'), pragma('locking_mode')]).toEqual([
        'wal',
        FULL,
        'exclusive',
      ]);
      journal.close();
    });

    it('is refused while another opener holds it, and says who that is', () => {
      const journal = openSpecJournal(folder.directory, { driver });
      const fault = faultOf(() => openSpecJournal(folder.directory, { driver }));
      expect(fault.fault).toBe('held');
      expect(fault.message).toContain(`spec 1.0, process ${process.pid}`);
      appendSale(journal, 'still writable');
      journal.close();
      openSpecJournal(folder.directory, { driver }).close();
    });

    it('is refused for a file of a newer version', () => {
      openSpecJournal(folder.directory, { driver }).close();
      const database = openRaw(file, driver);
      database.exec('PRAGMA user_version = 99');
      database.close();
      expect(faultOf(() => openSpecJournal(folder.directory, { driver }))).toMatchObject({ fault: 'newer' });
    });

    it('keeps what a file of an earlier version holds, and adds what that one lacks', () => {
      const journal = openSpecJournal(folder.directory, { driver });
      const { invoiceId } = appendSale(journal, 'of before');
      journal.close();
      const database = openRaw(file, driver);
      database.exec('DROP TABLE losses; DROP TABLE fetched_invoices');
      database.exec('DROP INDEX invoices_code; ALTER TABLE invoices DROP COLUMN notices; PRAGMA user_version = 2');
      database.close();
      rmSync(markFileOf(file));
      const opened = openSpecJournal(folder.directory, { driver });
      appendSale(opened, 'of now');
      expect(opened.invoices.byInvoice(invoiceId)).toMatchObject({ saleId: 'of before', notices: [] });
      expect(opened.mark.status).toEqual({ state: 'kept', detail: null });
      opened.close();
    });

    it('finds an invoice by its code without reading the others', () => {
      openSpecJournal(folder.directory, { driver }).close();
      const database = openRaw(file, driver);
      const plan = database.prepare<[string], { detail: string }>(
        'EXPLAIN QUERY PLAN SELECT * FROM invoices WHERE code = ?',
      );
      expect(
        plan
          .all('90000000000001324383')
          .map(({ detail }) => detail)
          .join(),
      ).toContain('USING INDEX invoices_code');
      database.close();
    });

    it('is refused where there is no folder', () => {
      expect(faultOf(() => openSpecJournal(`${folder.directory}/missing`, { driver }))).toMatchObject({
        fault: 'inaccessible',
      });
    });
  });

  describe('a damaged journal', () => {
    beforeEach(() => {
      const journal = openSpecJournal(folder.directory, { driver });
      for (let number = 1; number <= 40; number += 1) appendSale(journal, `sale ${number}`);
      journal.close();
    });

    it.each([
      ['header', 0, 64],
      ['pages', 8192, 40_000],
    ])('is refused with what to do, and not a byte is changed (%s)', (_, at, bytes) => {
      damage(at, bytes);
      const before = readFileSync(file);
      const fault = faultOf(() => openSpecJournal(folder.directory, { driver }));
      expect(fault.fault).toBe('damaged');
      expect(fault.message).toMatch(/tax-terminal export.*opens a new journal/s);
      expect(readFileSync(file).equals(before)).toBe(true);
    });

    it('is found when SQLite sees nothing wrong but an invoice was changed', () => {
      const database = openRaw(file, driver);
      database.exec('DROP TRIGGER invoices_are_signed');
      database.exec(
        `UPDATE invoices SET digest = iif(digest LIKE 'x%', 'y', 'x') || substr(digest, 2) WHERE counter = 20`,
      );
      database.close();
      expect(faultOf(() => openSpecJournal(folder.directory, { driver })).message).toMatch(
        /counter 20 .* digest does not fit/,
      );
    });

    it('is found when an invoice is missing from the chain', () => {
      const database = openRaw(file, driver);
      database.exec('DROP TRIGGER invoices_stay; DELETE FROM invoices WHERE counter = 20');
      database.close();
      expect(faultOf(() => openSpecJournal(folder.directory, { driver })).message).toMatch(
        /counter 21 .* does not follow 19/,
      );
    });
  });

  describe('a full disk', () => {
    it('is told before anything is signed, and nothing that was signed is lost', () => {
      const journal = openSpecJournal(folder.directory, { driver, pagesMax: 60 });
      let signed = 0;
      const fault = faultOf(() => {
        for (;;) {
          appendSale(journal, `sale ${signed}`);
          signed += 1;
        }
      });
      expect(fault.fault).toBe('full');
      expect(signed).toBeGreaterThan(5);
      expect(journal.current.lastCounter).toBe(signed);
      journal.close();
      const enlarged = openSpecJournal(folder.directory, { driver });
      expect(enlarged.invoices.backlog().waiting).toBe(signed);
      expect(appendSale(enlarged, 'there is room again').counter).toBe(signed + 1);
      enlarged.close();
    });
  });
});
