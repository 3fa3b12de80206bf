import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { formatAmount, type Invoice, systemClock, uuidV7 } from '@tax-control/protocol';
import type { InvoiceView } from '@tax-control/protocol/console';
import { run } from '../src/commands/run.js';
import { invoiceFiles } from '../src/console-api/evidence/invoice-files.js';
import { rebuildStatistics } from '../src/log-analytics/rebuild.js';
import { runAudit } from '../tools/audit/audit.js';
import { type Office, type SignedSale, type Till, warningsOf } from './issuance/office.js';
import { openPlace, type Place } from './public-check/place.js';
import { signIn, type TestBrowser } from './support/officials.js';
import { testPool } from './support/pool.js';

const MARCH = '2015-03-10T10:00:00Z';
/** No partition was ever made for it. */
const APRIL = '2015-04-10T10:00:00Z';
const reason = 'a look at the past';

interface OldSale extends SignedSale {
  readonly code: string;
  readonly receipt: string;
}

let place: Place;
let office: Office;
let browser: TestBrowser;
/** Of the taxpayer whose content goes, and of the one under a hold. */
let going: Till;
let held: Till;
const old: Record<'first' | 'second' | 'april' | 'held', OldSale> = {} as never;
let holdId: string;

beforeAll(async () => {
  place = await openPlace();
  office = place.office;
  going = await office.till({ terminalId: 'going-1', taxpayerId: 'going' });
  held = await office.till({ terminalId: 'held-1', taxpayerId: 'held' });
  await sql(`SELECT ensure_content_partition('2015-03-10')`);
  old.first = await sellAt(MARCH, going, { buyer: { name: 'Ada Lovelace' } });
  old.second = await sellAt(MARCH, going);
  old.held = await sellAt(MARCH, held);
  old.april = await sellAt(APRIL, going);
  const { jws } = going.sign();
  await office.ground.superuser.query(
    `INSERT INTO refused_invoice (terminal_id, digest, body, cause, detail, invoice_id, journal_id, counter, door, refused_at)
     VALUES ($1, sha256($2), $2, 'line_arithmetic', '', gen_random_uuid(), $3, $4, 'issue', '2015-03-11')`,
    [going.terminalId, Buffer.from(jws), going.journalId, going.counter],
  );
  for (const { terminalId } of [going, held])
    await office.ground.superuser.query(
      `WITH journal AS (
         INSERT INTO handed_journal
           (terminal_id, digest, is_check, handed_by, reason, handed_at, invoices, certificates, signers, state, due_at)
         VALUES ($1, sha256(convert_to($1, 'UTF8')), false, 'x', 'x', '2015-03-11', 1, '{}', '{}', 'done', NULL) RETURNING handed_id
       )
       INSERT INTO handed_invoice (handed_id, line, invoice, has_receipt, result, problem)
       SELECT handed_id, 3, 'a.b.c', false, 'refused', '{}' FROM journal`,
      [terminalId],
    );
  await sql(`INSERT INTO audit_trail (at, action, facts) VALUES ('2012-01-01', 'invoice.viewed', '{}')`);
  process.env['DATABASE_URL'] = office.ground.database.migratorUrl;
  browser = await signIn(place.server);
});

afterAll(async () => {
  delete process.env['DATABASE_URL'];
  await place.close();
});

/** Sells long ago, by the clocks of till and server. */
async function sellAt(now: string, till: Till, overrides: Partial<Invoice> = {}): Promise<OldSale> {
  office.clock.set(now);
  const nowMs = office.clock.now();
  try {
    const sale = till.sign({ id: uuidV7(nowMs), issuedAt: new Date(nowMs).toISOString(), ...overrides });
    const [outcome] = await office.issuance.issue([await till.arrive(sale.jws, 'issue', nowMs)]);
    if (outcome?.result.result !== 'issued') throw new Error(`not issued: ${JSON.stringify(outcome)}`);
    const { receipt } = outcome.result;
    const { code } = JSON.parse(Buffer.from(receipt.split('.')[1]!, 'base64url').toString()) as { code: string };
    return { ...sale, code, receipt };
  } finally {
    office.clock.reset();
  }
}

async function sql<Row extends object = Record<string, unknown>>(statement: string): Promise<Row[]> {
  return (await office.ground.superuser.query<Row>(statement)).rows;
}

async function retention(...commandLine: string[]) {
  let [out, error] = ['', ''];
  const status = await run(
    ['retention', ...commandLine, '--json'],
    {
      out: (text) => void (out += text),
      error: (text) => void (error += text),
    },
    systemClock,
  );
  return { status, json: JSON.parse(out || error) as Record<string, unknown> };
}

/** The first day that stays with ten years, whatever the day of the test. */
async function cutoff(): Promise<string> {
  return (await retention('list')).json['cutoff'] as string;
}

const view = async ({ invoice }: SignedSale): Promise<InvoiceView> => {
  const { terminalId, id: invoiceId } = invoice;
  return (await browser.post<InvoiceView>('/v1/console/invoices/views', { reason, terminalId, invoiceId })).json();
};

const checksOf = ({ checks }: InvoiceView): Record<string, string> =>
  Object.fromEntries(checks.map(({ check, result }) => [check, result]));

const taxFigures = () =>
  sql(`SELECT label, sum(times)::int AS times, sum(base)::text AS base, sum(amount)::text AS amount
       FROM invoice_figure WHERE figure = 'tax' GROUP BY label ORDER BY label`);

const keptTax = () =>
  sql(`SELECT unit, label, start, times::int, base::text, amount::text FROM invoice_statistics
       WHERE figure = 'tax' AND level = 'terminal' AND grain = 'day' ORDER BY 1, 2, 3`);

const audit = () =>
  runAudit({ databaseUrl: office.ground.database.auditorUrl, keysDirectory: office.ground.keysDirectory });

describe('content past its years', () => {
  it('is shown without its buyer before it goes', async () => {
    const shown = await view(old.first);
    expect([shown.buyerWithheld, shown.payload?.buyer, shown.signed]).toEqual([true, undefined, null]);
    expect(JSON.stringify(shown)).not.toMatch(/Lovelace/);
    expect(checksOf(shown)).toMatchObject({ signature: 'holds', content_digest: 'holds' });
    expect((await view(old.second)).payload).not.toBeNull();
  });

  it('withholds the buyer three years after the sale, by the server’s clock', async () => {
    const { clock } = place.server;
    try {
      clock.set('2018-03-10T09:59:59.999Z');
      expect(await view(old.first)).toMatchObject({
        buyerWithheld: false,
        payload: { buyer: { name: 'Ada Lovelace' } },
      });
      clock.set('2018-03-10T10:00:00Z');
      expect(await view(old.first)).toMatchObject({ buyerWithheld: true });
    } finally {
      clock.reset();
    }
  });

  it('is named by month, and removed only for the very day that is confirmed, by the tables’ owner', async () => {
    const hold = await retention('hold', 'held', '--reason', 'case 17');
    holdId = hold.json['holdId'] as string;
    expect((await retention('hold', 'nobody', '--reason', 'x')).status).toBe(1);
    const plan = await retention('apply');
    expect(plan.json).toMatchObject({
      removed: false,
      months: [{ month: '2015-03-01' }, { month: '2015-04-01', invoices: 1 }],
      refusedInvoices: 2,
      trailEntries: 0,
      heldTaxpayers: ['held'],
    });
    expect((await retention('apply', '--confirm', '2015-04-01')).status).toBe(1);
    process.env['DATABASE_URL'] = office.ground.database.operatorUrl;
    const operator = await retention('apply', '--confirm', await cutoff());
    process.env['DATABASE_URL'] = office.ground.database.migratorUrl;
    expect([operator.status, JSON.stringify(operator.json)]).toEqual([1, expect.stringContaining('the migrator')]);
    expect(await sql('SELECT FROM content')).toHaveLength(4);
  });

  it('stays where tax beside the ledger is not what was signed: nobody could tell any more', async () => {
    const change = (by: number) =>
      sql(`UPDATE ledger_tax SET amount = amount + ${by} WHERE sequence = (
             SELECT min(sequence) FROM content JOIN ledger USING (sequence) WHERE terminal_id <> 'held-1')`);
    await change(1);
    const refusal = await retention('apply', '--confirm', await cutoff());
    expect([refusal.status, JSON.stringify(refusal.json)]).toEqual([1, expect.stringContaining('not what was signed')]);
    expect(await sql('SELECT FROM content')).toHaveLength(4);
    await change(-1);
  });

  it('goes, but for a taxpayer under a hold; tax stays, to the last unit', async () => {
    const operator = testPool({ connectionString: office.ground.database.operatorUrl, max: 1 });
    try {
      // Rows that are younger than any open transaction of the cluster, of whatever database, are not in the sums yet.
      const rebuilt = async (): Promise<number> => {
        await rebuildStatistics(operator);
        const [mark] = await sql(
          `SELECT count(*)::int AS behind FROM ledger
           WHERE (recorded_in, sequence) > (SELECT recorded_in, number FROM invoice_statistics_mark WHERE source = 'ledger')`,
        );
        return (mark as { behind: number }).behind;
      };
      await expect.poll(rebuilt, { timeout: 60_000 }).toBe(0);
      const [before, kept] = [await taxFigures(), await keptTax()];
      expect(kept.length).toBeGreaterThan(2);
      const applied = await retention('apply', '--confirm', await cutoff());
      expect(applied.json).toMatchObject({
        removals: [
          {
            month: '2015-03-01',
            invoices: 2,
            held: 1,
            detachedTable: expect.stringMatching(/^detached_content_2015_03/),
          },
          { month: '2015-04-01', invoices: 1, held: 0, detachedTable: null },
        ],
        refusedInvoices: 2,
        trailEntries: 0,
      });
      expect(await taxFigures()).toEqual(before);
      await rebuildStatistics(operator);
      expect(await keptTax()).toEqual(kept);
    } finally {
      await operator.end();
    }
    expect(await sql(`SELECT terminal_id FROM content JOIN ledger USING (sequence)`)).toEqual([
      { terminal_id: 'held-1' },
    ]);
    expect((await retention('apply')).json).toMatchObject({ months: [], refusedInvoices: 0 });
  });

  it('is said to be removed wherever it is looked for', async () => {
    const shown = await view(old.first);
    expect([shown.payload, shown.signed, shown.buyerWithheld]).toEqual([null, null, false]);
    expect(shown.contentRemovedAt).toMatch(/^2\d{3}-/);
    expect(checksOf(shown)).toMatchObject({ signature: 'unknown', receipt_signature: 'holds', code_mac: 'holds' });
    expect(shown.checks[0]?.detail).toMatch(/^The signed bytes were removed on .* after their retention\.$/);
    expect(checksOf(await view(old.held))).toMatchObject({ signature: 'holds', content_digest: 'holds' });

    const { total, currency } = old.second.invoice;
    const query = `${old.second.code}?total=${formatAmount(total, currency)}`;
    expect((await place.page(`/v1/verifications/${query}`)).json()).toMatchObject({
      total: 'fits',
      invoice: {
        total,
        soldAt: expect.stringMatching(/^2015-03-10T10:00:00/),
        contentRemovedAt: shown.contentRemovedAt,
      },
    });
    expect((await place.page(`/v/${query}`)).text).toContain('The lines of this sale were removed on');

    const sequences = await sql<{ sequence: string }>('SELECT sequence FROM ledger ORDER BY sequence');
    const numbers = sequences.map(({ sequence }) => Number(sequence));
    const counts = { invoices: 0, withoutContent: 0, refused: 0, gaps: 0, logEntries: 0, certificates: 0 };
    let table = '';
    for await (const { path, content } of invoiceFiles(office.pool, numbers, counts))
      if (path === 'invoices.csv') for (const piece of content as Iterable<string>) table += piece;
    expect([counts.withoutContent, table.match(/,removed,/g)?.length, table.match(/,here,/g)?.length]).toEqual([
      3, 3, 1,
    ]);
  });

  it('changes nothing for tills: the same receipt, and refunds of what was', async () => {
    const again = await office.issuance.issue([await going.arrive(old.first.jws, 'reissue')]);
    expect(again[0]?.result).toMatchObject({ result: 'already_issued', receipt: old.first.receipt });
    const refund = await going.sale({
      kind: 'refund',
      reference: { terminalId: going.terminalId, invoiceId: old.first.invoice.id },
    });
    const [refunded] = await office.issuance.issue([refund]);
    expect(refunded?.result.result).toBe('issued');
    expect(warningsOf(refunded?.result)).not.toContain('original_unknown');
  });

  it('is no finding of the audit, which says what it could not check', async () => {
    const { verdicts } = await audit();
    const pairs = verdicts.find(({ id }) => id === 'pairs');
    expect(verdicts.filter(({ held: holds }) => holds === false)).toEqual([]);
    expect(pairs?.notes).toEqual([
      expect.stringMatching(/^2 invoices of 2015-03 have no content: retention removed it/),
      expect.stringMatching(/^1 invoices of 2015-04/),
    ]);
  });

  it('is told from content that was lost', async () => {
    const { invoice, ...sale } = going.sign();
    await office.issuance.issue([await going.arrive(sale.jws)]);
    await sql(`DELETE FROM content WHERE sequence = (SELECT sequence FROM ledger WHERE invoice_id = '${invoice.id}')`);
    await sql('CREATE TABLE saved AS SELECT * FROM content ORDER BY sequence LIMIT 1');
    await sql('DELETE FROM content WHERE sequence IN (SELECT sequence FROM saved)');
    const shown = await view({ invoice, ...sale });
    expect([shown.contentRemovedAt, checksOf(shown)['content_digest']]).toEqual([null, 'fails']);
    const pairs = (await audit()).verdicts.find(({ id }) => id === 'pairs');
    expect(pairs?.findings).toEqual([
      expect.stringMatching(/has no content, though taxpayer held was under a legal hold when 2015-03 was removed/),
      expect.stringMatching(/has no content, and no retention removed that of /),
    ]);
    await sql('INSERT INTO content SELECT * FROM saved');
  });

  it('goes when the hold is released, and from the disk when it is told to; then the audit trail is cut', async () => {
    expect((await retention('release', '999', '--reason', 'x')).status).toBe(1);
    expect((await retention('release', holdId, '--reason', 'closed')).json).toMatchObject({ releaseReason: 'closed' });
    expect((await retention('release', holdId, '--reason', 'again')).json).toMatchObject({ releaseReason: 'closed' });
    // Somebody reads content in a long transaction: the exchange of partitions gives way, again and again, and sales go on.
    const reader = await office.pool.connect();
    await reader.query('BEGIN; SELECT FROM content LIMIT 1');
    const applying = retention('apply', '--confirm', await cutoff(), '--drop');
    await vi.waitUntil(
      async () => (await sql(`SELECT FROM pg_locks WHERE NOT granted AND relation = 'content'::regclass`)).length > 0,
      { timeout: 60_000, interval: 20 },
    );
    const [sold] = await office.issuance.issue([await going.sale()]);
    expect(sold?.result.result).toBe('issued');
    await reader.query('COMMIT');
    reader.release();
    const applied = await applying;
    expect(applied.json).toMatchObject({
      removals: [{ month: '2015-03-01', invoices: 1, held: 0, detachedTable: null }],
      trailEntries: 1,
      dropped: [expect.stringMatching(/^detached_content_2015_03/)],
    });
    expect(await sql(`SELECT FROM pg_class WHERE relname LIKE 'detached%' OR relname LIKE 'kept%'`)).toEqual([]);
    const trail = await sql(`SELECT action, subject FROM audit_trail WHERE action ~ '^(content|hold|audit_trail)'
                             ORDER BY trail_id`);
    expect(trail.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['hold.placed', 'content.removed', 'hold.released', 'audit_trail.cut']),
    );
  });
});
