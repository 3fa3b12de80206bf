import { createReadStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { HandedInvoice, HandedJournal, HandedResult } from '@tax-control/protocol/console';
import type { Pool } from 'pg';
import type { Clock } from '@tax-control/protocol';
import { commandLine } from '../administration/actor.js';
import { handIn } from '../handed-journals/hand-in.js';
import { listHandedInvoices } from '../handed-journals/handed-invoice-store.js';
import { listHandedJournals, readHandedJournal } from '../handed-journals/handed-journal-store.js';
import { invoiceTable, journalLines, oddLines, refusalText } from './describe-journal.js';
import { tellProgress } from './fleet/progress.js';
import { withDatabase } from './operator-database.js';
import { done, type FailureKind, found, type Outcome, refused } from './outcome.js';
import { recordCommand } from './record-command.js';
import { table } from './table.js';

export interface ImportJournalOptions {
  readonly reason: string;
  readonly dryRun?: true;
  readonly incomplete?: true;
  readonly wait: boolean;
}

export interface ListJournalsOptions {
  readonly terminal?: string;
  readonly limit?: number;
  readonly before?: number;
}

export interface ShowJournalOptions {
  readonly result?: HandedResult;
  readonly limit?: number;
  readonly after?: number;
}

/** Before the first look, in milliseconds, twice as long before each further one: a short journal is through at once. */
const FIRST_LOOK_MS = 50;
/** Between two looks at what the servers have done at most, in milliseconds; and so many times as long as a look took, because counting 200,000 lines takes a third of a second. */
const LOOK_MS = 500;
const PAUSE_SHARE = 9;
/** After so long without a result, in milliseconds, nobody seems to work on it: a server takes a list every second. */
const SILENCE_MS = 60_000;
/** Refused and deferred invoices that are shown at once. */
const SHOWN_MAX = 20;
const LIST_LIMIT = 50;
const INVOICES_LIMIT = 100;

/** `import` */
export function importJournal(file: string, options: ImportJournalOptions, clock: Clock): Promise<Outcome> {
  return withDatabase(async (pool) => {
    const { login } = await commandLine(pool);
    const outcome = await handIn(pool, {
      open: () => createReadStream(file),
      handedBy: login,
      reason: options.reason,
      isCheck: options.dryRun === true,
      takesBroken: options.incomplete === true,
      sees: () => true,
      record: recordCommand,
    });
    if (outcome.result === 'refused') return refused(refusalText(file, outcome));
    const { result, journal: stored } = outcome;
    const intro =
      result === 'known' ? [`The same file was handed in before, on ${stored.handedAt} by ${stored.handedBy}.`] : [];
    const journal = options.wait ? await waitFor(pool, stored, clock) : stored;
    const odd = await oddInvoices(pool, journal);
    const text = [...intro, ...journalLines(journal), ...oddLines(journal, odd)].join('\n');
    return found({ result, ...journal, odd }, text, badnessOf(journal, options.wait));
  });
}

/** `list` */
export function listJournals(options: ListJournalsOptions): Promise<Outcome> {
  const { terminal: terminalId = null, limit = LIST_LIMIT, before = null } = options;
  return withDatabase(async (pool) => {
    const journals = await listHandedJournals(pool, { terminalId, premisesIds: null, before, limit });
    const rows = journals.map((one) => [
      String(one.handedId),
      one.terminalId,
      one.handedAt,
      one.handedBy,
      one.state,
      String(one.invoices),
      String(one.results.refused),
      String(one.results.deferred),
      one.reason,
    ]);
    const heading = ['ID', 'TERMINAL', 'HANDED IN', 'BY', 'STATE', 'INVOICES', 'REFUSED', 'DEFERRED', 'REASON'];
    return done({ journals }, table(heading, rows));
  });
}

/** `show` */
export function showJournal(handedId: number, options: ShowJournalOptions): Promise<Outcome> {
  const { result = null, limit = INVOICES_LIMIT, after = 0 } = options;
  return withDatabase(async (pool) => {
    const journal = await readHandedJournal(pool, handedId);
    if (journal === null) return refused(`There is no journal ${handedId}. See: tax-control journal list`);
    const invoices = await listHandedInvoices(pool, handedId, { result, after, limit });
    const next = invoices.length === limit ? (invoices.at(-1)?.line ?? null) : null;
    const more = next === null ? [] : [`More: tax-control journal show ${handedId} --after ${next}`];
    const text = [...journalLines(journal), '', invoiceTable(invoices), ...more].join('\n');
    return done({ ...journal, list: invoices, next }, text);
  });
}

/** Until the servers are through with it, or nobody works on it. */
async function waitFor(pool: Pool, stored: HandedJournal, clock: Clock): Promise<HandedJournal> {
  const tell = tellProgress(stored.isCheck ? 'looked at' : 'taken in', stored.invoices);
  let journal = stored;
  let waiting = Infinity;
  let lastWordMs = clock.monotonicMs();
  let pauseMs = FIRST_LOOK_MS;
  while (!isThrough(journal, clock.now())) {
    if (journal.results.waiting !== waiting) {
      waiting = journal.results.waiting;
      lastWordMs = clock.monotonicMs();
      tell(journal.invoices - waiting);
    } else if (clock.monotonicMs() - lastWordMs > SILENCE_MS) return journal;
    await delay(pauseMs);
    const beganMs = clock.monotonicMs();
    journal = (await readHandedJournal(pool, stored.handedId)) ?? journal;
    pauseMs = Math.max(Math.min(2 * pauseMs, LOOK_MS), PAUSE_SHARE * (clock.monotonicMs() - beganMs));
  }
  tell(journal.invoices);
  return journal;
}

function isThrough({ state, dueAt }: HandedJournal, nowMs: number): boolean {
  return (
    state === 'done' || state === 'refused' || (state === 'deferred' && dueAt !== null && Date.parse(dueAt) > nowMs)
  );
}

function badnessOf({ state, results }: HandedJournal, hasWaited: boolean): FailureKind | null {
  if (state === 'refused' || results.refused > 0) return 'refused';
  return state === 'done' || !hasWaited ? null : 'unavailable';
}

/** The first of those that were refused or deferred. */
async function oddInvoices(pool: Pool, { handedId }: HandedJournal): Promise<HandedInvoice[]> {
  const wanted = { after: 0, limit: SHOWN_MAX };
  return [
    ...(await listHandedInvoices(pool, handedId, { result: 'refused', ...wanted })),
    ...(await listHandedInvoices(pool, handedId, { result: 'deferred', ...wanted })),
  ];
}
