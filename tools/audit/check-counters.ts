import { ALONE } from './check-known-receipts.js';
import { cutJws, readObject, sha256 } from './compact-jws.js';
import type { Snapshot } from './snapshot.js';
import type { Tally } from './verdict.js';

/** Refused invoices come with their bytes, up to some megabytes each; a page of this many stays bearable. */
const ENTRIES_PER_PAGE = 64;

interface CounterRow {
  readonly journal_id: string;
  readonly counter: string;
  readonly terminal_id: string;
  /** Of the payload; null for a refused invoice, whose bytes are in `body` unless retention removed them. */
  readonly digest: Buffer | null;
  readonly previous_digest: Buffer | null;
  readonly has_content: boolean;
  readonly body: Buffer | null;
  readonly flagged: boolean;
}

/** What one use of a counter tells about the chain; digests are base64url. */
interface Use {
  readonly terminalId: string;
  readonly digest: string | null;
  /** undefined: not known, because the content is gone or cannot be read. */
  readonly previousDigest: string | null | undefined;
  readonly issued: boolean;
  readonly flagged: boolean;
}

/** Issued, refused, and known by a customer's receipt alone alike use up a counter and so are accounted for. A receipt has no warnings. */
const COUNTERS_SQL = `
  SELECT ledger.journal_id, ledger.counter, ledger.terminal_id, ledger.digest, content.previous_digest,
         content.sequence IS NOT NULL AS has_content, NULL::bytea AS body,
         EXISTS (
           SELECT FROM invoice_warning
           WHERE invoice_warning.sequence = ledger.sequence AND invoice_warning.warning = 'counter_fork'
         ) AS flagged
  FROM ledger
  LEFT JOIN content ON content.sequence = ledger.sequence AND content.registered_at = ledger.registered_at
  UNION ALL
  SELECT journal_id, counter, terminal_id, payload_digest, NULL, true, body, false
  FROM refused_invoice WHERE journal_id IS NOT NULL AND counter IS NOT NULL
  UNION ALL
  SELECT journal_id, counter, terminal_id, digest, NULL, false, NULL, true
  FROM known_receipt AS known
  WHERE journal_id IS NOT NULL AND ${ALONE}
  ORDER BY journal_id, counter`;

/**
 * I5. A fork that the server did not flag is a finding; gaps, forks that are flagged, journals of two terminals, broken digest
 * chains and journals that were left are notes: they tell of tills, not of the server, and invoices under way look like gaps.
 */
export async function checkCounters(snapshot: Snapshot, tally: Tally): Promise<void> {
  let journalId: string | null = null;
  let last = emptyCounter;
  let current = emptyCounter;
  const step = (): void => {
    if (journalId === null || current.uses.length === 0) return;
    judgeCounter(journalId, last, current, tally);
    last = current;
  };
  for await (const page of snapshot.pages<CounterRow>(COUNTERS_SQL, ENTRIES_PER_PAGE))
    for (const row of page) {
      const counter = Number(row.counter);
      if (row.journal_id !== journalId || counter !== current.counter) {
        step();
        if (row.journal_id !== journalId) last = emptyCounter;
        journalId = row.journal_id;
        current = { counter, uses: [] };
      }
      current.uses.push(readUse(row));
      tally.looked();
    }
  step();
  await noteJournalsLeft(snapshot, tally);
}

interface CounterUses {
  readonly counter: number;
  readonly uses: Use[];
}

/** What stands before counter 1. */
const emptyCounter: CounterUses = { counter: 0, uses: [] };

function judgeCounter(journalId: string, last: CounterUses, current: CounterUses, tally: Tally): void {
  const { counter, uses } = current;
  const place = `Journal ${journalId}, counter ${counter}`;
  if (counter > last.counter + 1)
    tally.note(
      `Journal ${journalId} of terminal ${uses[0]?.terminalId ?? '?'}: ${missing(last.counter + 1, counter - 1)}.`,
    );
  if (new Set([...last.uses, ...uses].map((use) => use.terminalId)).size > 1)
    tally.note(`${place} is in a journal that two terminals used.`);

  const contents = new Set(uses.map((use) => use.digest));
  const issued = uses.filter((use) => use.issued);
  const flagged = issued.filter((use) => use.flagged).length;
  if (contents.size > 1) tally.note(`${place} was used for ${contents.size} invoices (fork).`);
  tally.expect(
    flagged >= issued.length - 1,
    () =>
      `${place} was used for ${issued.length} issued invoices, but only ${flagged} of them are flagged counter_fork.`,
  );

  const predecessors = counter === last.counter + 1 ? last.uses.map((use) => use.digest) : null;
  for (const { previousDigest } of uses)
    if (previousDigest !== undefined && chainIsBroken(counter, previousDigest, predecessors))
      tally.note(`${place} does not name the digest of the counter before it (broken chain).`);
}

/** Only where both ends are known: a predecessor that is missing or unreadable breaks nothing. */
function chainIsBroken(
  counter: number,
  previousDigest: string | null,
  predecessors: readonly (string | null)[] | null,
): boolean {
  if (counter === 1) return previousDigest !== null;
  if (predecessors === null || predecessors.includes(null)) return false;
  return !predecessors.includes(previousDigest);
}

function missing(first: number, last: number): string {
  return first === last ? `counter ${first} is missing` : `counters ${first} to ${last} are missing`;
}

function readUse(row: CounterRow): Use {
  const { terminal_id: terminalId, flagged } = row;
  if (row.body === null)
    return {
      terminalId,
      flagged,
      issued: true,
      digest: row.digest?.toString('base64url') ?? null,
      previousDigest: row.has_content ? (row.previous_digest?.toString('base64url') ?? null) : undefined,
    };
  const payload = cutJws(row.body.toString('latin1'))?.payload;
  const previous = payload && readObject(payload)?.['previousDigest'];
  return {
    terminalId,
    flagged,
    issued: false,
    digest: payload === undefined ? (row.digest?.toString('base64url') ?? null) : sha256(payload).toString('base64url'),
    previousDigest: typeof previous === 'string' || previous === null ? previous : undefined,
  };
}

/** A till that opened a new journal left the old one: what it had signed there and not sent is not known to the server. */
async function noteJournalsLeft(snapshot: Snapshot, tally: Tally): Promise<void> {
  const sql = `
    SELECT terminal_id, journal_id, last_counter FROM (
      SELECT terminal_id, journal_id, max(counter) AS last_counter, max(registered_at) AS last_at,
             max(max(registered_at)) OVER (PARTITION BY terminal_id) AS newest_at
      FROM ledger GROUP BY terminal_id, journal_id
    ) AS journal WHERE last_at < newest_at ORDER BY terminal_id, journal_id`;
  const rows = snapshot.pages<{ terminal_id: string; journal_id: string; last_counter: string }>(sql, ENTRIES_PER_PAGE);
  for await (const page of rows)
    for (const row of page)
      tally.note(
        `Terminal ${row.terminal_id} left journal ${row.journal_id} at counter ${row.last_counter}; what came after it there is unknown.`,
      );
}
