import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CheckId } from '../../tools/audit/verdict.js';
import { exportLine, FIRST_NUMBER, type ForgedLedger } from './forged-ledger.js';
import { audit, brokenChecks, ledgerInOrder, verdictOf } from './ledger-in-order.js';

let ledger: ForgedLedger;
beforeEach(async () => {
  ledger = await ledgerInOrder();
});
afterEach(() => ledger.delete());

const sql = (text: string, ...parameters: unknown[]) => ledger.client.query(text, parameters);
const last = () => ledger.issued.at(-1)!;

describe('a ledger in order', () => {
  it('holds, and says how much was looked at', async () => {
    const report = await audit(ledger, { lines: ledger.issued.map((forged) => exportLine(forged)) });
    expect(report.verdicts.flatMap((verdict) => [...verdict.findings, ...verdict.notes])).toStrictEqual([]);
    expect(report).toMatchObject({ held: true, environment: 'test', invoices: 5, refused: 1, tillInvoices: 5 });
    const looked = report.verdicts.map(({ id, held, checked }) => [id, held, checked]);
    expect(looked).toStrictEqual([
      ['I1', true, 5],
      ['I2', true, 5],
      ['I3', true, 5],
      ['I4', true, 5],
      ['I5', true, 6],
      ['I6', true, 5],
      ['I7', true, 5],
      ['I8', true, 0],
      ['I9', true, 0],
      ['pairs', true, 5],
      ['columns', true, 5],
    ]);
  });

  it('does not claim I3 and I4 without exports of tills', async () => {
    const report = await audit(ledger);
    expect(report.held).toBe(true);
    expect([verdictOf(report, 'I3').held, verdictOf(report, 'I4').held]).toStrictEqual([null, null]);
  });
});

type Break = () => Promise<unknown>;

const breaks: readonly [what: string, check: CheckId, finding: string, act: Break][] = [
  [
    'a sequence number given twice',
    'I1',
    `sequence number ${FIRST_NUMBER} is in the ledger 2 times`,
    async () => {
      await sql('ALTER TABLE invoice_warning DROP CONSTRAINT invoice_warning_sequence_fkey');
      await sql('ALTER TABLE code_dispute DROP CONSTRAINT code_dispute_sequence_on_file_fkey');
      await sql('ALTER TABLE ledger DROP CONSTRAINT ledger_pkey');
      const { row } = ledger.issued[0]!;
      await ledger.insertLedger({ ...row, invoice_id: randomUUID() });
    },
  ],
  [
    'a code given twice',
    'I1',
    'The code 9000',
    async () => {
      await sql('ALTER TABLE ledger DROP CONSTRAINT ledger_check');
      await sql('UPDATE ledger SET code = (SELECT min(code) FROM ledger)');
    },
  ],
  [
    'a code of another number',
    'I1',
    'which is of another number',
    async () => {
      await sql('ALTER TABLE ledger DROP CONSTRAINT ledger_check');
      await sql(`UPDATE ledger SET code = '90000000077700000000' WHERE sequence = $1`, last().row.sequence);
    },
  ],
  [
    'a production number in the test environment',
    'I1',
    'is not a number of the test environment',
    async () => {
      const { invoice, jws } = ledger.signNext(ledger.tills[0]!);
      const { row } = ledger.makeRow(invoice, jws, ledger.tills[0]!.thumbprint);
      await ledger.insert({ ...row, sequence: '5', code: `000000000005${row.code.slice(12)}` });
    },
  ],
  [
    'a sequence that was set back',
    'I1',
    'numbers will be given again',
    () => sql(`SELECT setval('tax_control_number_test', ${FIRST_NUMBER})`),
  ],
  [
    'one identity with two codes',
    'I2',
    'identity (terminal / invoice) till-2 /',
    async () => {
      await sql('ALTER TABLE ledger DROP CONSTRAINT ledger_identity');
      const till = ledger.tills[1]!;
      const { invoice, jws } = ledger.signNext(till, { id: last().row.invoice_id });
      await ledger.insert(ledger.makeRow(invoice, jws, till.thumbprint).row);
    },
  ],
  [
    'one content under two numbers',
    'I2',
    'content (SHA-256)',
    async () => {
      const { row } = last();
      const sequence = String(FIRST_NUMBER + 50);
      await ledger.insert({ ...row, sequence, code: `${sequence}${row.code.slice(12)}`, invoice_id: randomUUID() });
    },
  ],
  [
    'a fact of the receipt changed after signing',
    'I2',
    'does not fit its stored signature',
    () => sql(`UPDATE ledger SET door = 'reissue' WHERE sequence = $1`, last().row.sequence),
  ],
  [
    'a receipt of a key that nobody knows',
    'I2',
    'no receipt key other',
    () => sql(`UPDATE ledger SET receipt_key = 'other' WHERE sequence = $1`, last().row.sequence),
  ],
  [
    'the stored bytes changed',
    'I6',
    'the stored bytes are not those of the digest',
    () => sql(`UPDATE content SET payload = payload || ' '::bytea WHERE sequence = $1`, last().row.sequence),
  ],
  [
    'a signature that does not fit',
    'I6',
    'signature does not fit',
    () => sql('UPDATE content SET signature = (SELECT signature FROM content ORDER BY signature LIMIT 1)'),
  ],
  [
    'a signer that is on no file',
    'I6',
    'no certificate nobody',
    () => sql(`UPDATE content SET signer = 'nobody' WHERE sequence = $1`, last().row.sequence),
  ],
  [
    "another terminal's certificate",
    'I6',
    'is of terminal till-1',
    () => sql('UPDATE content SET signer = $1 WHERE sequence = $2', ledger.tills[0]!.thumbprint, last().row.sequence),
  ],
  [
    'a certificate under a wrong thumbprint',
    'I6',
    'is not the one that its thumbprint names',
    () =>
      sql(
        'UPDATE terminal_certificate SET der = (SELECT der FROM terminal_certificate WHERE thumbprint = $1) WHERE thumbprint = $2',
        ledger.tills[0]!.thumbprint,
        ledger.tills[1]!.thumbprint,
      ),
  ],
  [
    'a header that is not one of an invoice',
    'I6',
    'the stored header is not one of an invoice',
    () => sql(`UPDATE content SET header = '{"alg":"none"}' WHERE sequence = $1`, last().row.sequence),
  ],
  [
    'a MAC of other fields',
    'I7',
    'does not fit the printed fields',
    () => sql('UPDATE ledger SET total = total - 1 WHERE sequence = $1', last().row.sequence),
  ],
  [
    'wrong check digits',
    'I7',
    'the check digits of',
    () => sql(`UPDATE ledger SET code = left(code, 18) || '99' WHERE sequence = $1`, last().row.sequence),
  ],
  [
    'content that is gone',
    'pairs',
    'has no content',
    () => sql('DELETE FROM content WHERE sequence = $1', last().row.sequence),
  ],
  [
    'content of no invoice',
    'pairs',
    'belongs to no row of the ledger',
    () =>
      sql(
        `INSERT INTO content SELECT sequence, registered_at - interval '1 ms', payload, signature, signer FROM content LIMIT 1`,
      ),
  ],
  [
    'a refusal whose bytes changed',
    'I4',
    'the stored bytes are not those of the digest',
    () => sql(`UPDATE refused_invoice SET body = ''`),
  ],
  [
    'a reference by code that was resolved to another invoice',
    'columns',
    'its columns name another invoice',
    async () => {
      const till = ledger.tills[1]!;
      const { invoice, jws } = ledger.signNext(till, { reference: { code: ledger.issued[0]!.row.code } });
      const { row } = ledger.makeRow(invoice, jws, till.thumbprint);
      const { terminal_id, invoice_id } = ledger.issued[1]!.row;
      await ledger.insert({ ...row, reference_terminal_id: terminal_id, reference_invoice_id: invoice_id });
    },
  ],
  [
    'a fork that nobody flagged',
    'I5',
    'but only 0 of them are flagged',
    async () => {
      const till = ledger.tills[1]!;
      till.counter -= 1;
      await ledger.issue(till);
    },
  ],
  [
    'a genuine receipt that contradicts what is on file',
    'I9',
    'contradicts number',
    () =>
      sql(
        `INSERT INTO code_dispute (terminal_id, invoice_id, code, sequence_on_file, receipt, invoice)
         SELECT terminal_id, invoice_id, '90000000077700000000', sequence, 'receipt', 'invoice' FROM ledger LIMIT 1`,
      ),
  ],
  [
    'an invoice that came back though no number was ever jumped over',
    'I9',
    'with numbers that no jump was made behind',
    () => sql('UPDATE ledger SET restored_at = now() WHERE sequence = $1', last().row.sequence),
  ],
  [
    'a restored invoice with another time of registration',
    'I2',
    'does not fit its stored signature',
    () =>
      sql(
        `UPDATE ledger SET restored_at = now(), registered_at = registered_at + interval '1 second' WHERE sequence = $1`,
        last().row.sequence,
      ),
  ],
  [
    'a restore after which a till was not heard of',
    'I9',
    'Till till-2 was not heard of since the database was restored',
    () => jump('older_copy'),
  ],
];

/** What a customer handed in of the last invoice, as it would be kept; `change`: something is wrong with it. */
async function handIn(change: Readonly<Record<string, unknown>> = {}, { row, receiptJws } = last()): Promise<void> {
  const { sequence, code, terminal_id, taxpayer_id, premises_id, counter, type, kind, issued_at, currency, total } =
    row;
  const { invoice_id, journal_id, number, digest, registered_at } = row;
  const printed = {
    sequence,
    code,
    terminal_id,
    taxpayer_id,
    premises_id,
    counter,
    type,
    kind,
    issued_at,
    currency,
    total,
  };
  const signed = { invoice_id, journal_id, number, digest, registered_at, receipt: receiptJws };
  const columns = { ...printed, ...signed, known_by: 'receipt', taken_by: 'spec', reason: 'spec', ...change };
  const names = Object.keys(columns);
  await sql(
    `INSERT INTO known_receipt (${names.join(', ')}) VALUES (${names.map((_, index) => `$${index + 1}`).join(', ')})`,
    ...Object.values(columns),
  );
}

/** As a restore forgets it. */
async function forgetLast(): Promise<void> {
  for (const table of ['content', 'ledger_tax', 'ledger'])
    await sql(`DELETE FROM ${table} WHERE sequence = $1`, last().row.sequence);
}

const NO_SIGNED = {
  invoice_id: null,
  journal_id: null,
  number: null,
  digest: null,
  registered_at: null,
  receipt: null,
};

/** A jump of the numbers behind all that is on file. */
async function jump(why: string): Promise<void> {
  await sql(
    `INSERT INTO database_recovery
       (why, environment, newest_on_file_at, highest_on_file, highest_number, next_number, system_identifier, timeline, database_oid, statistics_due)
     SELECT $1, 'test', now(), max(sequence), max(sequence),
            GREATEST(max(sequence), (SELECT max(next_number) FROM database_recovery)) + 1000, '1', 1, 1, false FROM ledger`,
    why,
  );
}

/** The till has found all that it holds on file behind the last jump. */
async function confirm(till: string): Promise<void> {
  await sql(
    `INSERT INTO terminal_holdings SELECT $1, next_number, now() FROM database_recovery ORDER BY next_number DESC LIMIT 1`,
    till,
  );
}

/** A restore after which both tills found all that they hold on file. */
async function recover(): Promise<void> {
  await jump('other_cluster');
  await confirm('till-1');
  await confirm('till-2');
}

describe('what a restore forgot', () => {
  it('is back when every till has found all on file; of a revoked one it is only told', async () => {
    await jump('other_cluster');
    await confirm('till-1');
    expect(brokenChecks(await audit(ledger))).toEqual(['I9']);
    await sql(`UPDATE terminal SET status = 'revoked' WHERE terminal_id = 'till-2'`);
    const report = await audit(ledger);
    expect(report.held).toBe(true);
    expect(verdictOf(report, 'I9').notes).toEqual([
      'Till till-2 is revoked: what it alone holds comes back by its journal.',
    ]);
  });

  it('is not waited for of a till that is excused since then, which is named', async () => {
    await jump('other_cluster');
    await confirm('till-1');
    const excuseAt = (next: string) =>
      sql(
        `INSERT INTO terminal_excuse (terminal_id, next_number, excused_by, reason)
         SELECT 'till-2', ${next}, 'ada', 'closed until May' FROM database_recovery`,
      );
    // Of the restore before.
    await excuseAt('max(next_number) - 1');
    expect(brokenChecks(await audit(ledger))).toEqual(['I9']);
    await excuseAt('max(next_number)');
    const report = await audit(ledger);
    expect(report.held).toBe(true);
    expect(verdictOf(report, 'I9').notes.join()).toContain('Excused by ada: closed until May');
  });

  it('may be nothing where PostgreSQL was only started anew, unless something came back', async () => {
    await jump('restarted');
    expect((await audit(ledger)).held).toBe(true);
    await sql(`UPDATE ledger SET restored_at = now() + interval '1 second' WHERE sequence = $1`, last().row.sequence);
    expect(brokenChecks(await audit(ledger))).toEqual(['I9']);
    await confirm('till-1');
    await confirm('till-2');
    expect((await audit(ledger)).held).toBe(true);
  });

  it('was forgotten at the jump before a start of PostgreSQL, if its number was given before that jump', async () => {
    await recover();
    await jump('restarted');
    await sql(`UPDATE ledger SET restored_at = now() + interval '1 second' WHERE sequence = $1`, last().row.sequence);
    expect((await audit(ledger)).held).toBe(true);
    await forgetLast();
    await handIn();
    expect((await audit(ledger)).held).toBe(true);
  });
});

describe('a dispute that an official settled', () => {
  it('breaks nothing any more, and is named with who decided what', async () => {
    await sql(
      `INSERT INTO code_dispute (terminal_id, invoice_id, code, sequence_on_file, receipt, invoice)
       SELECT terminal_id, invoice_id, '90000000077700000000', sequence, 'receipt', 'invoice' FROM ledger LIMIT 1`,
    );
    expect(brokenChecks(await audit(ledger))).toEqual(['I9']);
    // Of another contradiction of the same code.
    const settle = (codeOnFile: string) =>
      sql(
        `INSERT INTO settled_dispute (code, code_on_file, stands, settled_by, reason) VALUES ('90000000077700000000', $1, 'both', 'ada', 'case 17')`,
        codeOnFile,
      );
    await settle('90000000000000000000');
    expect(brokenChecks(await audit(ledger))).toEqual(['I9']);
    await sql(
      `INSERT INTO settled_dispute (code, code_on_file, stands, settled_by, reason)
       SELECT dispute.code, ledger.code, 'both', 'ada', 'case 17' FROM code_dispute AS dispute JOIN ledger ON sequence = sequence_on_file`,
    );
    const report = await audit(ledger);
    expect(report.held).toBe(true);
    expect(verdictOf(report, 'I9').notes.join()).toContain('settled by ada (both): case 17');
  });
});

describe('what customers handed in', () => {
  it.each([{}, { known_by: 'print', ...NO_SIGNED }])(
    'stands for what was forgotten, and is told: %o',
    async (change) => {
      await recover();
      await forgetLast();
      await handIn(change);
      const report = await audit(ledger);
      expect([report.held, brokenChecks(report)]).toEqual([true, []]);
      expect(verdictOf(report, 'I9').notes).toContain(
        "1 invoices are known by a customer's receipt alone; no sums count them.",
      );
      // The two tills and the receipt.
      expect(verdictOf(report, 'I9').checked).toBe(3);
    },
  );

  it('proves by its signature that a mere start of PostgreSQL was that of an older copy', async () => {
    await jump('restarted');
    await forgetLast();
    await handIn({ known_by: 'print', ...NO_SIGNED });
    expect((await audit(ledger)).held).toBe(true);
    await handIn();
    const { findings } = verdictOf(await audit(ledger), 'I9');
    expect(findings).toHaveLength(2);
    expect(findings.join()).toContain('Till till-2 was not heard of since the database was restored');
  });

  it('steps back where the invoice is on file', async () => {
    await recover();
    await handIn();
    const report = await audit(ledger);
    expect(report.held).toBe(true);
    expect(verdictOf(report, 'I9').notes.join()).not.toContain('alone');
  });

  it('steps back where its invoice is on file under another number', async () => {
    await recover();
    const { invoice_id, terminal_id, journal_id, counter } = ledger.issued[0]!.row;
    await handIn({ invoice_id, terminal_id, journal_id, counter });
    await forgetLast();
    expect(verdictOf(await audit(ledger), 'I5').notes.join()).not.toContain('fork');
    const report = await audit(ledger);
    expect(verdictOf(report, 'I9').notes.join()).not.toContain('alone');
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['with another total than was signed', { total: '1' }, 'has a MAC that does not fit'],
    ['with another number of the shop than was signed', { number: '1' }, 'is kept with another number than was signed'],
    ['with another time of registration', { registered_at: new Date(0) }, 'is kept with another registeredAt than'],
    [
      'whose print has another time',
      { known_by: 'print', ...NO_SIGNED, issued_at: new Date(0) },
      'has a MAC that does not fit',
    ],
    ['that nobody signed', { receipt: 'a.b.c' }, 'is no signed receipt'],
  ])('is found %s', async (_what, change, finding) => {
    await recover();
    await forgetLast();
    await handIn(change);
    const report = await audit(ledger);
    expect(brokenChecks(report)).toEqual(['I9']);
    expect(verdictOf(report, 'I9').findings.join()).toContain(finding);
  });

  it('is found where its signature does not fit, or is of no key of the server', async () => {
    await recover();
    await forgetLast();
    const [header, payload, signature] = last().receiptJws.split('.');
    const [foreign] = ledger.issued;
    await handIn({ receipt: `${header}.${payload}.${foreign!.receiptJws.split('.')[2]}` });
    const kid = Buffer.from(JSON.stringify({ alg: 'ES256', typ: 'receipt+jws', kid: 'nobody' })).toString('base64url');
    await handIn({ receipt: `${kid}.${payload}.${signature}`, invoice_id: randomUUID() });
    const { findings } = verdictOf(await audit(ledger), 'I9');
    expect(findings[0]).toContain('has a signature that does not fit');
    expect(findings[1]).toContain('is signed by a key that the keys directory does not have');
  });

  it('is found where no number was jumped over, and where it contradicts what is on file', async () => {
    await handIn();
    expect(verdictOf(await audit(ledger), 'I9').findings.join()).toContain('that was never jumped over');
    await recover();
    expect(brokenChecks(await audit(ledger))).toEqual([]);
    await sql('UPDATE known_receipt SET counter = 99');
    expect(verdictOf(await audit(ledger), 'I9').findings.join()).toContain('contradicts code');
  });
});

describe('each promise broken on purpose is found', () => {
  it.each(breaks)('%s breaks %s', async (_what, check, finding, act) => {
    await act();
    const report = await audit(ledger, { lines: [] });
    expect(report.held).toBe(false);
    expect(brokenChecks(report)).toContain(check);
    expect(verdictOf(report, check).findings.join('\n')).toContain(finding);
  });
});
