import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendSale, DRIVER, journalFile, openSpecJournal } from '../testing/journal-fixture.js';
import { temporaryFolder } from '../testing/till-folder.js';
import type { Journal } from './journal.js';
import { markFileOf } from './mark-file.js';

/** What may happen to a till's folder; each but the first four takes something away. */
const EVENTS = [
  'sell',
  'close',
  'fork',
  'power cut',
  'power cut before the mark',
  'copy',
  'wal removed',
  'file removed',
  'copy put back',
] as const;
type Event = (typeof EVENTS)[number];

/** A till's folder through all of that, and what was written in it. */
class Folder {
  readonly #folders = [temporaryFolder()];
  #journal: Journal;
  #copy: Buffer | null = null;
  /** The mark as it was before the newest sale. */
  #markBefore: Buffer;
  readonly #written = new Map<string, number>();

  constructor() {
    this.#journal = openSpecJournal(this.#directory, { driver: DRIVER });
    this.#markBefore = readFileSync(this.#mark);
  }

  happen(event: Event): void {
    if (event === 'sell') return this.#sell();
    if (event === 'fork') return this.#journal.openNext('The server says so.', this.#journal.current.lastCounter);
    if (event === 'power cut') return this.#reopen(() => undefined, true);
    if (event === 'power cut before the mark')
      return this.#reopen(() => writeFileSync(this.#mark, this.#markBefore), true);
    if (event === 'wal removed') return this.#reopen(() => rmSync(`${this.#file}-wal`, { force: true }), true);
    if (event === 'file removed') return this.#reopen(() => this.#removeFile());
    if (event === 'copy put back') return this.#reopen(() => this.#putBack());
    this.#reopen(() => {
      if (event === 'copy') this.#copy = readFileSync(this.#file);
    });
  }

  /** Invoices that were written, are not in the file, and of which nobody was told. */
  untold(): string[] {
    const losses = this.#journal.losses.all();
    return [...this.#written].flatMap(([place, counter]) => {
      const journalId = place.slice(0, place.lastIndexOf(' '));
      const isTold = losses.some(
        (loss) => loss.journalId === journalId && counter > loss.found && counter <= loss.written,
      );
      return isTold || this.#journal.invoices.bySale(place) !== null ? [] : [place];
    });
  }

  get lossesByMark(): number {
    return this.#journal.losses.all().filter(({ noticedBy }) => noticedBy === 'mark').length;
  }

  remove(): void {
    this.#journal.close();
    for (const folder of this.#folders) folder.remove();
  }

  #sell(): void {
    this.#markBefore = readFileSync(this.#mark);
    const { journalId, lastCounter } = this.#journal.current;
    const saleId = `${journalId} ${lastCounter + 1}`;
    this.#written.set(saleId, appendSale(this.#journal, saleId).counter);
  }

  #reopen(between: () => void, isCut = false): void {
    if (isCut) {
      const image = temporaryFolder();
      cpSync(this.#directory, image.directory, { recursive: true });
      this.#folders.push(image);
    }
    this.#journal.close();
    between();
    this.#journal = openSpecJournal(this.#directory, { driver: DRIVER });
    this.#markBefore = readFileSync(this.#mark);
  }

  #removeFile(): void {
    for (const ending of ['', '-wal', '-shm']) rmSync(`${this.#file}${ending}`, { force: true });
  }

  #putBack(): void {
    if (this.#copy === null) return;
    this.#removeFile();
    writeFileSync(this.#file, this.#copy);
    if (existsSync(`${this.#file}-wal`)) throw new Error('the copy has no -wal file');
  }

  get #directory(): string {
    const folder = this.#folders.at(-1);
    if (folder === undefined) throw new Error('there is always a folder');
    return folder.directory;
  }

  get #file(): string {
    return journalFile(this.#directory);
  }

  get #mark(): string {
    return markFileOf(this.#file);
  }
}

function run(events: readonly Event[], check: (folder: Folder) => void): void {
  const folder = new Folder();
  try {
    for (const event of events) {
      folder.happen(event);
      check(folder);
    }
  } finally {
    folder.remove();
  }
}

/** Eight events lose four chains at most, as many as a mark names. */
const EVENTS_MAX = 8;

describe('a till’s folder, whatever happens to it', () => {
  it('tells of every invoice that is gone', () => {
    assert(
      property(array(constantFrom(...EVENTS), { maxLength: EVENTS_MAX }), (events) => {
        run(events, (folder) => expect(folder.untold()).toEqual([]));
      }),
      { numRuns: 60 },
    );
  });

  it('tells of nothing when nothing was taken away', () => {
    const harmless = EVENTS.slice(0, EVENTS.indexOf('copy') + 1);
    assert(
      property(array(constantFrom(...harmless), { maxLength: 20 }), (events) => {
        run(events, (folder) => expect(folder.lossesByMark).toBe(0));
      }),
      { numRuns: 60 },
    );
  });
});
