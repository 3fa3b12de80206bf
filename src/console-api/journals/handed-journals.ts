import { Inject, Injectable, type StreamableFile } from '@nestjs/common';
import { type Problem, problem } from '@tax-control/protocol';
import type { HandedIn, HandedInvoice, HandedJournal, Page } from '@tax-control/protocol/console';
import type { Pool } from 'pg';
import { REPORTS_POOL } from '../../database/database.module.js';
import { handIn, type HandInRefusal } from '../../handed-journals/hand-in.js';
import { listHandedInvoices } from '../../handed-journals/handed-invoice-store.js';
import { listHandedJournals, readHandedJournal } from '../../handed-journals/handed-journal-store.js';
import { addPart, countParts, readParts, removeParts } from '../../handed-journals/upload-store.js';
import { Gate } from '../../http/gate.js';
import { AuditTrail } from '../../audit-trail/audit-trail.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { sees } from '../../officials/view.js';
import { findTerminal } from '../../registry/terminals.js';
import { columns } from '../csv/table.js';
import { TableExports } from '../csv/table-exports.js';
import { pageOf, sliceOf } from '../page-of.js';
import type { PageParameters } from '../query/page-parameters.js';
import type { HandedInvoiceParameters, HandInBody, UploadPartBody } from './journal-bodies.js';

export const JOURNAL_COLUMNS = columns<HandedJournal>(
  'handedId',
  'terminalId',
  'handedAt',
  'handedBy',
  'reason',
  'state',
  'invoices',
  ['restored', ({ results }) => results.restored],
  ['issued', ({ results }) => results.issued],
  ['refused', ({ results }) => results.refused],
  ['deferred', ({ results }) => results.deferred],
);

export const HANDED_INVOICE_COLUMNS = columns<HandedInvoice>(
  'line',
  'counter',
  'invoiceId',
  'result',
  'code',
  ['cause', ({ problem: why }) => why?.code ?? null],
  ['warnings', ({ warnings }) => warnings.join(' ')],
);

/** One file at a time: it takes two of the reports' sessions, and several would wait for each other's. */
const HAND_INS = { insideMax: 1, waitingMax: 4, holderMax: 2 };
/** Largest integer of the database's column. */
const HANDED_ID_MAX = 2_147_483_647;
const BUSY_RETRY_AFTER_MS = 5_000;

/** Journals of tills that can send no more: officials see what became of them, operators hand them in. Nothing here issues. */
@Injectable()
export class HandedJournals {
  readonly #gate = new Gate(HAND_INS);

  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly trail: AuditTrail,
    private readonly exports: TableExports,
  ) {}

  list(official: SignedInOfficial, query: PageParameters): Promise<Page<HandedJournal> | StreamableFile> {
    const { visiblePremises } = official;
    const premisesIds = visiblePremises === 'all' ? null : visiblePremises;
    return this.exports.pages(official, 'journals', query, JOURNAL_COLUMNS, async (page, last) => {
      const { offset, limit } = sliceOf(page, last === undefined ? undefined : String(last.handedId));
      const before = last?.handedId ?? null;
      return pageOf(
        await listHandedJournals(this.pool, { terminalId: null, premisesIds, before, offset, limit }),
        page,
      );
    });
  }

  /** What an official may not see is answered like what is not there. */
  async read(official: SignedInOfficial, handedId: number): Promise<HandedJournal | Problem> {
    const journal = await this.#find(official, handedId);
    if (journal === null) return problem('not_on_file');
    const { terminalId: subject } = journal;
    await this.trail.record(official, { action: 'journal.viewed', subject, facts: { handedId } });
    return journal;
  }

  async listInvoices(
    official: SignedInOfficial,
    handedId: number,
    query: HandedInvoiceParameters,
  ): Promise<Page<HandedInvoice> | StreamableFile | Problem> {
    if ((await this.#find(official, handedId)) === null) return problem('not_on_file');
    const { result = null } = query;
    return this.exports.pages(official, `journal-${handedId}`, query, HANDED_INVOICE_COLUMNS, async (page, last) => {
      const { offset, limit } = sliceOf(page, last === undefined ? undefined : String(last.line));
      const wanted = { result, after: last?.line ?? 0, offset, limit };
      return pageOf(await listHandedInvoices(this.pool, handedId, wanted), page);
    });
  }

  /** Keeps a part of a file. Repeating it changes nothing. */
  async keepPart({ name }: SignedInOfficial, { uploadId, part, bytes }: UploadPartBody): Promise<{ part: number }> {
    await addPart(this.pool, { uploadId, officialName: name }, part, Buffer.from(bytes, 'base64'));
    return { part };
  }

  /** Hands in a file whose parts have come. The same file again is the same journal. */
  async handIn(official: SignedInOfficial, body: HandInBody): Promise<HandedIn | Problem> {
    const handed = await this.#gate.pass(official.name, 1, () => this.#handIn(official, body));
    return handed ?? problem('server_busy', { retryAfterMs: BUSY_RETRY_AFTER_MS });
  }

  async #handIn(official: SignedInOfficial, body: HandInBody): Promise<HandedIn | Problem> {
    const { uploadId, parts, reason, isCheck = false, takesBroken = false } = body;
    const upload = { uploadId, officialName: official.name };
    if ((await countParts(this.pool, upload)) !== parts) return problem('not_on_file');
    const outcome = await handIn(this.pool, {
      open: () => readParts(this.pool, upload, parts),
      handedBy: official.name,
      reason,
      isCheck,
      takesBroken,
      sees: ({ premisesId }) => sees(official.visiblePremises, premisesId),
      record: (client, act) => this.trail.record(official, act, client),
    });
    if (outcome.result === 'refused') return problemOf(outcome);
    await removeParts(this.pool, upload);
    return outcome;
  }

  async #find({ visiblePremises }: SignedInOfficial, handedId: number): Promise<HandedJournal | null> {
    if (handedId < 1 || handedId > HANDED_ID_MAX) return null;
    const journal = await readHandedJournal(this.pool, handedId);
    if (journal === null) return null;
    const terminal = await findTerminal(this.pool, journal.terminalId);
    return terminal !== null && sees(visiblePremises, terminal.premisesId) ? journal : null;
  }
}

function problemOf(refusal: HandInRefusal): Problem {
  if (refusal.because === 'terminal_unknown') {
    const { terminalId, names } = refusal;
    const { taxpayerId, premisesId } = names;
    const detail =
      `Register the terminal ${terminalId} first. Its certificate names the taxpayer ${taxpayerId ?? '(none)'} and the premises ` +
      `${premisesId ?? '(none)'}.`;
    return problem('journal_of_unknown_terminal', { detail });
  }
  const isExport = refusal.because !== 'no_export' && refusal.because !== 'no_terminal';
  return problem(isExport ? 'journal_not_whole' : 'journal_not_an_export');
}
