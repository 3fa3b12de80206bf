import type { HandedFinding, HandedJournal } from '@tax-control/protocol/console';
import type { Pool, PoolClient } from 'pg';
import type { AuditedAct } from '../audit-trail/audited-act.js';
import { inTransaction } from '../database/transaction.js';
import { findTerminal, type Terminal } from '../registry/terminals.js';
import { addFindings, findChainFaults } from './chain-faults.js';
import { addHandedInvoices, PAGE_BYTES_MAX, PAGE_INVOICES_MAX } from './handed-invoice-store.js';
import { addHandedJournal, findByDigest, readHandedJournal, goThroughAgain } from './handed-journal-store.js';
import { type FileInvoice, readJournalFile } from './read-journal-file.js';
import { type CertifiedNames, type JournalSurvey, surveyJournal } from './survey-journal.js';

/**
 * A journal to be handed in.
 * @property open gives the file from its first byte on; it is read twice
 * @property isCheck a dry run
 * @property takesBroken takes what there is of a file that is cut or changed
 * @property sees whether who hands it in may know of the terminal
 * @property record writes the act into the audit trail, in the transaction that stores the journal
 */
export interface HandIn {
  readonly open: () => AsyncIterable<Buffer>;
  readonly handedBy: string;
  readonly reason: string;
  readonly isCheck: boolean;
  readonly takesBroken: boolean;
  readonly sees: (terminal: Terminal) => boolean;
  readonly record: (client: PoolClient, act: AuditedAct) => Promise<void>;
}

/**
 * no_export: something else than an exported journal. cut, changed: not as it was exported. no_terminal: neither the export nor an invoice names
 * one. terminal_unknown: it is not registered, or out of sight; with the names that its certificate bears. moved: the file changed meanwhile.
 */
export type HandInRefusal =
  | { readonly because: 'no_export' | 'cut' | 'changed' | 'no_terminal' | 'moved' }
  | { readonly because: 'terminal_unknown'; readonly terminalId: string; readonly names: CertifiedNames };

/** known: the same file was handed in before; what was deferred of it is tried again at once. */
export type HandInOutcome =
  | { readonly result: 'handed_in' | 'known'; readonly journal: HandedJournal }
  | ({ readonly result: 'refused' } & HandInRefusal);

/** Findings of lines that are kept: more say nothing new. */
const FINDINGS_MAX = 100;

class FileMoved extends Error {}

/**
 * Stores a journal for the servers to take in, all of it in one transaction with its entry in the audit trail, or nothing. Idempotent by the
 * file's SHA-256 (index `handed_journal_file`), but for dry runs. Holds one page of invoices in memory. Nothing is judged here that needs a key.
 *
 * @throws OutcomeUnknown and the driver's errors: the same file again finds out
 */
export async function handIn(pool: Pool, given: HandIn): Promise<HandInOutcome> {
  const survey = await surveyJournal(given.open());
  if (survey === null) return { result: 'refused', because: 'no_export' };
  const { wholeness, terminalId, digest, names } = survey;
  if (wholeness !== 'whole' && !given.takesBroken) return { result: 'refused', because: wholeness };
  if (terminalId === null) return { result: 'refused', because: 'no_terminal' };
  const terminal = await findTerminal(pool, terminalId);
  if (terminal === null || !given.sees(terminal))
    return { result: 'refused', because: 'terminal_unknown', terminalId, names };
  try {
    const handedId = await inTransaction(pool, (client) => stage(client, given, survey, terminalId));
    if (handedId !== null) return { result: 'handed_in', journal: await readStored(pool, handedId) };
  } catch (error) {
    if (error instanceof FileMoved) return { result: 'refused', because: 'moved' };
    throw error;
  }
  const known = await findByDigest(pool, digest);
  if (known === null) throw new Error('a journal that is on file by its digest was not found');
  await goThroughAgain(pool, known);
  return { result: 'known', journal: await readStored(pool, known) };
}

/** @returns null: the same file is on file */
async function stage(
  client: PoolClient,
  { open, handedBy, reason, isCheck, record }: HandIn,
  survey: JournalSurvey,
  terminalId: string,
): Promise<number | null> {
  // A second hand-in of the same file waits here for the first one, which may take minutes.
  await client.query('SET LOCAL statement_timeout = 0');
  const handedId = await addHandedJournal(client, { ...survey, terminalId, handedBy, reason, isCheck });
  if (handedId === null) return null;
  const findings: HandedFinding[] = survey.wholeness === 'whole' ? [] : [{ kind: survey.wholeness }];
  let findingsCount = findings.length;
  let page: FileInvoice[] = [];
  let pageBytes = 0;
  const flush = async (): Promise<void> => {
    await addHandedInvoices(client, handedId, page);
    [page, pageBytes] = [[], 0];
  };
  for await (const part of readJournalFile(open())) {
    if (part.kind === 'unreadable') {
      findingsCount += 1;
      if (findings.length < FINDINGS_MAX) findings.push(part);
    } else if (part.kind === 'invoice') {
      page.push(part);
      pageBytes += part.invoice.length;
      if (page.length >= PAGE_INVOICES_MAX || pageBytes >= PAGE_BYTES_MAX) await flush();
    } else if (part.kind === 'end' && !part.digest.equals(survey.digest)) throw new FileMoved();
  }
  await flush();
  const chain = await findChainFaults(client, handedId, FINDINGS_MAX);
  findingsCount += chain.count;
  await addFindings(client, handedId, [...findings, ...chain.faults], findingsCount);
  if (isCheck) return handedId;
  const facts = { handedId, file: survey.digest.toString('hex'), invoices: survey.invoices, findings: findingsCount };
  await record(client, { action: 'journal.handed_in', subject: terminalId, reason, facts });
  return handedId;
}

async function readStored(pool: Pool, handedId: number): Promise<HandedJournal> {
  const journal = await readHandedJournal(pool, handedId);
  if (journal === null) throw new Error('a journal that was handed in is not on file');
  return journal;
}
