import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  isIssuedBy,
  type PublicKey,
  readCertificatesPem,
  readInvoiceJws,
  readParameters,
  readReceipt,
  readStoredInvoice,
  receiptDifferences,
  verifyCompactJws,
} from '@tax-control/protocol';
import { TillFiles } from '../enrolment/till-files.js';
import type { InvoiceRow } from './entries.js';
import type { FetchedRow } from './fetched-store.js';
import { findLosses } from './find-losses.js';
import { type ChainRow, linkFault } from './integrity.js';
import { openFoundJournal } from './journal-on-disk.js';
import { guarded, journalUnavailable } from './journal-unavailable.js';
import { whyNotRead } from './journal-mark.js';
import { LOSSES_SQL, lossOf, type LossRow } from './loss-store.js';
import { MarkFile, markFileOf, type MarkReading } from './mark-file.js';
import { chainsOnFile, hasTable } from './marked-chains.js';
import type { Database } from './sqlite/database.js';

/** What `verifyJournal` found; `ok` when there is no fault. */
export interface JournalVerification {
  readonly ok: boolean;
  readonly journals: number;
  readonly invoices: number;
  readonly waiting: number;
  readonly issued: number;
  readonly refused: number;
  /** Of `invoices`, those of lost journals that came back from the server. */
  readonly fetched: number;
  /** One sentence each, with counter and journal; the first ones. What was lost and not asked back yet is a fault. */
  readonly faults: readonly string[];
  /** What is no fault of the journal: a mark that is missing, and what was lost and the server does not have. */
  readonly notes: readonly string[];
}

export interface VerifyOptions {
  /** Called now and then with how many invoices of how many were verified. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Faults that are listed: more say nothing new. */
const FAULTS_MAX = 100;
const PROGRESS_EVERY = 500;

/**
 * Verifies the journal of a till's folder from its first invoice on: SQLite's own check, every chain, every signature under a
 * certificate of a trusted authority, every receipt. Writes nothing.
 * @throws JournalUnavailable held by another program, damaged beyond reading, or the till's files are not there
 */
export function verifyJournal(directory: string, options: VerifyOptions = {}): JournalVerification {
  const files = new TillFiles(directory);
  const authorityPem = files.authority();
  if (authorityPem === null)
    throw journalUnavailable('inaccessible', `there is no ca.pem in ${directory}; is this the folder of a till?`);
  const reading = new MarkFile(markFileOf(files.journal)).read();
  if (!existsSync(files.journal)) throw journalUnavailable('inaccessible', whyGone(files.journal, reading));
  const { database, close } = openFoundJournal(files.journal);
  try {
    return guarded(() => new Verification(database, readCertificatesPem(authorityPem), reading).run(options));
  } finally {
    close();
  }
}

const NOT_NOTICED =
  'Start the till: it notes the loss, sells on in a new journal, and fetches back what the server has.';
const NOT_FETCHED = 'Not everything was fetched back from the server yet: leave the till on, with its line.';

function whyGone(file: string, reading: MarkReading): string {
  const written = reading.state === 'sound' ? reading.mark.filter(({ counter }) => counter > 0) : [];
  if (written.length === 0) return `there is no ${file}; is this the folder of a till?`;
  const chains = written.map(({ journalId, counter }) => `${counter} of the journal ${journalId}`).join(', ');
  return `${file} was removed: it had the invoices up to counter ${chains}. ${NOT_NOTICED}`;
}

type SignedRow = ChainRow & Pick<InvoiceRow, 'receipt' | 'code'>;

class Verification {
  readonly #faults: string[] = [];
  readonly #notes: string[] = [];
  readonly #counts = { waiting: 0, issued: 0, refused: 0 };
  readonly #certificates = new Map<string, X509Certificate | null>();
  readonly #previous = new Map<string, ChainRow>();

  constructor(
    private readonly database: Database,
    private readonly authorities: readonly X509Certificate[],
    private readonly mark: MarkReading,
  ) {}

  run({ onProgress }: VerifyOptions): JournalVerification {
    const verdict = this.database.value('PRAGMA integrity_check(10)');
    if (verdict !== 'ok') this.#fault(`The file is damaged: ${String(verdict)}`);
    this.#verifyMark();
    const total = this.#count('invoices');
    const trustedKeys = this.#trustedKeys();
    let done = 0;
    for (const row of this.database.prepare<[], InvoiceRow>('SELECT * FROM invoices ORDER BY position').iterate()) {
      this.#verify(row, trustedKeys);
      this.#counts[row.state] += 1;
      done += 1;
      if (done % PROGRESS_EVERY === 0) onProgress?.(done, total);
    }
    onProgress?.(done, total);
    const fetched = this.#verifyFetched(trustedKeys);
    return {
      ok: this.#faults.length === 0,
      journals: this.#count('journals'),
      invoices: done + fetched,
      ...this.#counts,
      fetched,
      faults: this.#faults,
      notes: this.#notes,
    };
  }

  #verifyMark(): void {
    const why = whyNotRead(this.mark);
    if (why !== null) this.#notes.push(`${why} The next start makes it anew.`);
    const unknown = this.mark.state === 'sound' ? findLosses(this.mark.mark, chainsOnFile(this.database)) : [];
    for (const { detail } of unknown) this.#fault(`${detail} ${NOT_NOTICED}`);
    if (!hasTable(this.database, 'losses')) return;
    for (const row of this.database.prepare<[], LossRow>(LOSSES_SQL).all()) {
      const { state, detail, missing } = lossOf(row);
      if (state === 'to_fetch') this.#fault(`${detail} ${NOT_FETCHED}`);
      if (state === 'incomplete')
        this.#notes.push(`${detail} The server does not have ${missing} of the lost counters.`);
    }
  }

  /** A lost chain may have come back with gaps: each invoice is judged by itself. */
  #verifyFetched(trustedKeys: readonly PublicKey[]): number {
    if (!hasTable(this.database, 'fetched_invoices')) return 0;
    let done = 0;
    for (const row of this.database.prepare<[], FetchedRow>('SELECT * FROM fetched_invoices').iterate()) {
      done += 1;
      this.#counts[row.state] += 1;
      const { jws } = row;
      if (jws === null) continue;
      const broken = linkFault({ ...row, jws }, undefined);
      if (broken === null) this.#verifySigned({ ...row, jws }, trustedKeys);
      else this.#fault(broken);
    }
    return done;
  }

  #verify(row: InvoiceRow, trustedKeys: readonly PublicKey[]): void {
    const broken = linkFault(row, this.#previous.get(row.journal_id) ?? null);
    this.#previous.set(row.journal_id, row);
    if (broken !== null) return this.#fault(broken);
    this.#verifySigned(row, trustedKeys);
  }

  #verifySigned(row: SignedRow, trustedKeys: readonly PublicKey[]): void {
    const where = `counter ${row.counter} of journal ${row.journal_id}`;
    const opened = readInvoiceJws(row.jws);
    if (!opened.ok) return this.#fault(`${where}: ${opened.problem.title}`);
    const certificate = this.#certificate(opened.signerThumbprint);
    if (certificate === null)
      return this.#fault(`${where}: no certificate of this authority is on file for its signer`);
    if (!verifyCompactJws(opened.jws, certificate.publicKey))
      return this.#fault(`${where}: the signature does not fit`);
    if (row.receipt !== null) this.#verifyReceipt(row, row.receipt, opened.jws.payload, trustedKeys, where);
  }

  #verifyReceipt(row: SignedRow, jws: string, payload: Buffer, trustedKeys: readonly PublicKey[], where: string): void {
    const read = readReceipt(jws, trustedKeys);
    if (!read.ok) return this.#fault(`${where}: ${read.detail}`);
    const invoice = readStoredInvoice(payload);
    const differences = receiptDifferences(read.receipt, invoice, row.digest);
    if (differences.length > 0) this.#fault(`${where}: the receipt is of another invoice (${differences.join(', ')})`);
    if (read.receipt.code !== row.code) this.#fault(`${where}: the code is not the receipt’s`);
  }

  /** Null: unknown, or not issued by a trusted authority. */
  #certificate(thumbprint: string): X509Certificate | null {
    const known = this.#certificates.get(thumbprint);
    if (known !== undefined) return known;
    const pem = this.database
      .prepare<[string], { pem: string }>('SELECT pem FROM certificates WHERE thumbprint = ?')
      .get(thumbprint)?.pem;
    const certificate = pem === undefined ? null : new X509Certificate(pem);
    const trusted = certificate !== null && isIssuedBy(certificate, [], this.authorities) ? certificate : null;
    this.#certificates.set(thumbprint, trusted);
    return trusted;
  }

  #trustedKeys(): readonly PublicKey[] {
    const jws = this.database.value(`SELECT value FROM settings WHERE name = 'parameters'`);
    const read = typeof jws !== 'string' ? null : readParameters(jws, this.authorities);
    return read?.ok === true ? read.parameters.trustedKeys : [];
  }

  #count(table: 'invoices' | 'journals'): number {
    return Number(this.database.value(`SELECT count(*) FROM ${table}`));
  }

  #fault(sentence: string): void {
    if (this.#faults.length < FAULTS_MAX) this.#faults.push(sentence);
  }
}
