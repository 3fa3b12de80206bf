import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendSale, DRIVERS, journalFile, openSpecJournal } from '../testing/journal-fixture.js';
import { temporaryFolder } from '../testing/till-folder.js';
import type { Journal } from './journal.js';
import { markFileOf } from './mark-file.js';

describe.each(DRIVERS)('a journal by $name that lost invoices', (driver) => {
  const folders: ReturnType<typeof temporaryFolder>[] = [];
  let directory: string;
  let file: string;
  let mark: string;
  let journal: Journal;
  beforeEach(() => {
    directory = newFolder();
    file = journalFile(directory);
    mark = markFileOf(file);
    journal = openSpecJournal(directory, { driver });
  });
  afterEach(() => {
    journal.close();
    for (const folder of folders.splice(0)) folder.remove();
  });

  function newFolder(): string {
    const folder = temporaryFolder();
    folders.push(folder);
    return folder.directory;
  }

  function sell(...saleIds: string[]): void {
    for (const saleId of saleIds) appendSale(journal, saleId);
  }

  /** As after a power cut at this moment: the files as they are on disk, in a folder of their own. */
  function cutPower(): void {
    const image = newFolder();
    cpSync(directory, image, { recursive: true });
    journal.close();
    directory = image;
    file = journalFile(directory);
    mark = markFileOf(file);
  }

  function reopen(): void {
    journal = openSpecJournal(directory, { driver });
  }

  const losses = () => journal.losses.all();
  const lostEvents = () => journal.feed.after(0, 10).filter(({ kind }) => kind === 'journal_lost');

  it('notices that its -wal file was removed, and goes on in a new chain', () => {
    sell('a', 'b', 'c');
    const { journalId } = journal.current;
    cutPower();
    rmSync(`${file}-wal`);
    reopen();
    expect(journal.current).toMatchObject({ lastCounter: 0 });
    expect(journal.current.journalId).not.toBe(journalId);
    expect(losses()).toMatchObject([
      { journalId, found: 0, written: 3, noticedBy: 'mark', state: 'to_fetch', missing: 3, fetched: 0 },
    ]);
    expect(losses()[0]!.detail).toContain(
      'has no invoices, and it had written 3: journal.sqlite or its -wal file was removed',
    );
    expect(lostEvents()).toMatchObject([{ detail: losses()[0]!.detail }]);
    expect(journal.losses.untold()).toHaveLength(1);
  });

  it('notices that a part of it was in the -wal file', () => {
    sell('a', 'b');
    journal.close();
    reopen();
    const { journalId } = journal.current;
    sell('c', 'd');
    cutPower();
    rmSync(`${file}-wal`);
    reopen();
    expect(losses()).toMatchObject([{ journalId, found: 2, written: 4 }]);
    expect(losses()[0]!.detail).toContain(
      `The journal ${journalId} ends at counter 2, and it had written 4: its -wal file was removed`,
    );
    expect(journal.invoices.bySale('b')).not.toBeNull();
  });

  it('notices that the whole file was deleted', () => {
    sell('a', 'b');
    const { journalId } = journal.current;
    journal.close();
    for (const ending of ['', '-wal', '-shm', '.holder']) rmSync(`${file}${ending}`, { force: true });
    reopen();
    expect(losses()).toMatchObject([{ journalId, found: 0, written: 2 }]);
    expect(appendSale(journal, 'c').counter).toBe(1);
  });

  it('notices that an older copy of the file alone was put back', () => {
    sell('a');
    journal.close();
    const copy = readFileSync(file);
    reopen();
    sell('b', 'c');
    journal.close();
    writeFileSync(file, copy);
    reopen();
    expect(losses()).toMatchObject([{ found: 1, written: 3 }]);
  });

  it('notices that an older copy went on under a program that keeps no mark', () => {
    sell('a');
    journal.close();
    const [copy, newer] = [readFileSync(file), newFolder()];
    reopen();
    sell('b');
    journal.close();
    cpSync(mark, journalFile(newer));
    writeFileSync(file, copy);
    rmSync(mark);
    reopen();
    sell('other', 'more');
    journal.close();
    cpSync(journalFile(newer), mark);
    reopen();
    expect(losses()).toMatchObject([
      { found: 0, written: 2, detail: expect.stringContaining('another invoice at counter 2') as string },
    ]);
  });

  it('is told once, however often it is opened, and also after a crash before the mark was written', () => {
    sell('a', 'b');
    journal.close();
    const before = readFileSync(mark);
    rmSync(file);
    reopen();
    const { journalId } = journal.current;
    for (const bytes of [null, before]) {
      journal.close();
      if (bytes !== null) writeFileSync(mark, bytes);
      reopen();
      expect(losses()).toHaveLength(1);
      expect(journal.current.journalId).toBe(journalId);
    }
  });

  it('notices every chain of which something is gone, and a second loss does not hide the first', () => {
    sell('a');
    journal.close();
    const copy = readFileSync(file);
    reopen();
    const first = journal.current.journalId;
    sell('b');
    journal.openNext('The office said so.', 9);
    const second = journal.current.journalId;
    sell('c', 'd');
    journal.close();
    writeFileSync(file, copy);
    reopen();
    expect(losses()).toMatchObject([
      { journalId: second, found: 0, written: 2 },
      { journalId: first, found: 1, written: 2 },
    ]);
    const third = journal.current.journalId;
    sell('e');
    journal.close();
    rmSync(file);
    reopen();
    const written = new Map(losses().map((loss) => [loss.journalId, loss.written]));
    expect(written).toEqual(
      new Map([
        [third, 1],
        [second, 2],
        [first, 2],
      ]),
    );
  });

  it('marks the journal as lost only where it was: a crash between commit and mark is no loss', () => {
    sell('a');
    const before = readFileSync(mark);
    sell('b');
    const after = readFileSync(mark);
    cutPower();
    // The slot that is written bears all of the difference: torn at every 64th byte.
    for (let length = 0; length <= after.length; length += 64) {
      writeFileSync(mark, Buffer.concat([after.subarray(0, length), before.subarray(length)]));
      reopen();
      expect(journal.current.lastCounter).toBe(2);
      expect([losses(), journal.mark.status.state]).toEqual([[], 'kept']);
      journal.close();
    }
  });

  it.each([
    ['missing', () => rmSync(mark)],
    ['of zeros', () => writeFileSync(mark, Buffer.alloc(8192))],
  ])('is no loss where the mark alone is %s: it is made anew, and that is told', (_, spoil) => {
    sell('a', 'b');
    journal.close();
    spoil();
    reopen();
    expect(losses()).toEqual([]);
    expect(journal.mark.status).toMatchObject({
      state: 'made_anew',
      detail: expect.stringContaining('journal.mark') as string,
    });
    cutPower();
    rmSync(`${file}-wal`, { force: true });
    rmSync(file);
    reopen();
    expect(losses()).toMatchObject([{ written: 2 }]);
  });

  it('gets its first mark in silence', () => {
    expect(journal.mark.status).toEqual({ state: 'kept', detail: null });
    expect(existsSync(mark)).toBe(true);
  });

  it('sells on where the disk does not take the mark, says so, and takes it up again', () => {
    sell('a');
    journal.close();
    rmSync(mark);
    mkdirSync(mark);
    reopen();
    sell('b');
    expect(journal.mark.status).toMatchObject({
      state: 'not_written',
      detail: expect.stringContaining('EISDIR') as string,
    });
    rmSync(mark, { recursive: true });
    sell('c');
    expect(journal.mark.status).toEqual({ state: 'kept', detail: null });
    journal.close();
    rmSync(file);
    reopen();
    expect(losses()).toMatchObject([{ written: 3 }]);
  });
});
