import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  checkDigits,
  formatAmount,
  formatCode,
  type Invoice,
  type IssueAnswer,
  parseCompactJws,
  type Receipt,
  signReceipt,
  systemClock,
  uuidV7,
} from '@tax-control/protocol';
import { makeSigner } from '@tax-control/protocol/testing';
import type { HandedReceipt, KnownReceipt, Missing, Page } from '@tax-control/protocol/console';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { run as tellCommand } from '../../src/commands/run.js';
import { makeCode } from '../../src/issuance/make-code.js';
import { DirectoryCustody } from '../../src/keys/directory-custody.js';
import { KeyRing } from '../../src/keys/key-ring.js';
import { runAudit } from '../../tools/audit/audit.js';
import { type ConsoleGround, openConsoleGround, trailOf } from '../console-api/ground.js';
import { type Till, turned } from '../issuance/office.js';
import { call } from '../support/client.js';
import { signIn, type TestBrowser } from '../support/officials.js';

const API = '/v1/console/receipts';
const reason = 'brought by the customer, case 17';

let ground: ConsoleGround;
let folder: string;
let operator: TestBrowser;
let keys: KeyRing;

beforeAll(async () => {
  ground = await openConsoleGround();
  folder = await mkdtemp(join(tmpdir(), 'receipts-'));
  operator = await signIn(ground.server, { roles: ['operator'] });
  keys = new KeyRing(new DirectoryCustody(ground.ground.keysDirectory), systemClock);
  vi.stubEnv('DATABASE_URL', ground.ground.database.operatorUrl);
  vi.stubEnv('KEYS_DIRECTORY', ground.ground.keysDirectory);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await ground.close();
  await rm(folder, { recursive: true });
});

const sql = (text: string, ...values: unknown[]) => ground.ground.superuser.query(text, values);

/** A sale that a customer has on paper, and its till as the server signed it. */
interface Sold {
  readonly invoice: string;
  readonly jws: string;
  readonly receipt: Receipt;
  readonly soldAt: string;
}

async function sell(till: Till, change: Parameters<Till['sign']>[0] = {}): Promise<Sold> {
  const { answer, jws: invoice, invoice: signed } = await ground.sell(till, change);
  const { receipt: jws } = answer as Extract<IssueAnswer, { result: 'issued' }>;
  const payload = parseCompactJws(jws)!.payload;
  return { invoice, jws, receipt: JSON.parse(payload.toString()) as Receipt, soldAt: signed.issuedAt };
}

/** What a restore of an older copy does to them, and the jump behind it. */
function forget(...sales: readonly Sold[]): Promise<void> {
  return forgetAt('other_cluster', ...sales);
}

async function forgetAt(why: 'other_cluster' | 'restarted', ...sales: readonly Sold[]): Promise<void> {
  const sequences = sales.map(({ receipt }) => Number(receipt.code.slice(0, 12)));
  for (const table of ['ledger_original', 'invoice_warning', 'ledger_tax', 'content', 'ledger'])
    await sql(`DELETE FROM ${table} WHERE sequence = ANY ($1)`, sequences);
  await sql('SELECT move_numbers_on($1, NULL, NULL, false)', why);
  // What is kept of journals is made anew after a restore.
  await sql('SELECT forget_incident_tables()');
}

/** What the paper shows. */
function printOf({ receipt, soldAt }: Sold): Record<string, string> {
  const { code, terminalId, counter, total, currency, kind, type } = receipt;
  return {
    code: formatCode(code),
    terminalId,
    counter: String(counter),
    soldAt: soldAt.replace('T', ' ').replace(/\.\d+/, ''),
    total: formatAmount(total, currency),
    currency,
    kind,
    type,
  };
}

async function handIn(body: object, by = operator): Promise<HandedReceipt & { readonly code?: string }> {
  return (await by.post<HandedReceipt & { readonly code?: string }>(API, { reason, ...body })).json();
}

async function command(...commandLine: string[]): Promise<{ status: number; out: string; error: string }> {
  let [out, error] = ['', ''];
  const terminal = { out: (text: string) => (out += text), error: (text: string) => (error += text) };
  const status = await tellCommand(commandLine, terminal, systemClock);
  return { status, out, error };
}

async function fileOf(text: string): Promise<string> {
  const file = join(folder, `${uuidV7(Date.now())}.jws`);
  await writeFile(file, text);
  return file;
}

async function kept(): Promise<number> {
  const { rows } = await sql('SELECT count(*)::integer AS count FROM known_receipt');
  return (rows[0] as { count: number }).count;
}

async function missing(kind: Missing['kind'], till: Till): Promise<readonly Missing[]> {
  const path = `/v1/console/missing?kind=${kind}&terminalId=${till.terminalId}`;
  return (await operator.get<Page<Missing>>(path)).json().items;
}

async function verification(path: string): Promise<unknown> {
  return (await call(ground.server, `/v1/verifications/${path}`, { listener: 'public' })).json();
}

async function findingsOfI9(): Promise<{ readonly findings: readonly string[]; readonly notes: readonly string[] }> {
  const { auditorUrl } = ground.ground.database;
  const report = await runAudit({ databaseUrl: auditorUrl, keysDirectory: ground.ground.keysDirectory });
  const verdict = report.verdicts.find(({ id }) => id === 'I9')!;
  return { findings: verdict.findings.filter((text) => text.includes('receipt')), notes: verdict.notes };
}

describe('a signed receipt that only a customer has', () => {
  it('accounts for its number, is told as such, and steps back when the till turns up', async () => {
    const till = await ground.till();
    const [one, two, three] = [await sell(till), await sell(till), await sell(till)];
    await forget(two, three);
    const { code, total, currency, counter, journalId } = two.receipt;
    expect(await verification(code)).toEqual({ code, environment: 'test', onFile: false });

    const figures = async () =>
      (await sql('SELECT * FROM invoice_figure WHERE terminal_id = $1', till.terminalId)).rows as object[];
    const figuresBefore = await figures();
    expect(figuresBefore.length).toBeGreaterThan(0);
    const before = await kept();
    expect(await handIn({ receipt: two.jws, isCheck: true })).toMatchObject({
      result: 'taken_in',
      isCheck: true,
      known: null,
    });
    expect(await kept()).toBe(before);
    // As a mail program breaks it.
    const broken = `  ${two.jws.slice(0, 70)}\r\n${two.jws.slice(70)}\n`;
    const taken = await handIn({ receipt: broken });
    expect(taken).toMatchObject({
      result: 'taken_in',
      facts: { code, knownBy: 'receipt', total, counter },
      known: { takenBy: operator.name, reason },
    });
    expect(await handIn({ receipt: two.jws, reason: 'another one' })).toEqual({ ...taken, result: 'known' });
    expect(await handIn({ receipt: one.jws })).toMatchObject({ result: 'on_file', known: null });
    expect(await kept()).toBe(before + 1);
    expect(await trailOf(ground.ground, operator.name)).toContainEqual(['receipt.taken_in', till.terminalId, reason]);

    expect(await verification(`${code}?total=${formatAmount(total, currency)}`)).toMatchObject({
      onFile: true,
      knownBy: 'receipt',
      total: 'fits',
      invoice: { total, currency, isVoided: false, registeredAt: two.receipt.registeredAt, contentRemovedAt: null },
    });
    const page = await call(ground.server, `/v/${code}`, { listener: 'public', headers: { 'accept-language': 'en' } });
    expect(page.text).toContain('known by its receipt alone');
    const offline = await call(ground.server, `/v/${till.terminalId}/${two.receipt.invoiceId}`, { listener: 'public' });
    expect(offline.text).toContain(formatCode(code));
    expect(await missing('known_by_receipt', till)).toMatchObject([
      { code, knownBy: 'receipt', total, currency, takenBy: operator.name },
    ]);
    const status = await command('database', 'status');
    expect(status.out).toContain("Invoices known by a customer's receipt alone: 1.");
    const audited = await findingsOfI9();
    expect(audited.findings).toEqual([]);
    expect(audited.notes).toContain("1 invoices are known by a customer's receipt alone; no sums count them.");
    // It counts in no sums, and its counter is no gap.
    expect(await figures()).toEqual(figuresBefore);
    await sell(till);
    const gaps = async () =>
      (await missing('gap', till)).map((gap) => ('from' in gap ? [gap.from, gap.to, gap.journalId] : []));
    await expect.poll(gaps, { timeout: 30_000 }).toEqual([[3, 3, journalId]]);

    const back = await call<{ results: { result: string }[] }>(ground.server, '/v1/restorations', {
      terminal: till.terminal,
      body: { items: [{ invoice: two.invoice, receipt: two.jws }] },
    });
    expect(back.json().results).toEqual([{ result: 'restored' }]);
    const known = (await verification(code)) as object;
    expect(known).toMatchObject({ onFile: true });
    expect(known).not.toHaveProperty('knownBy');
    expect(await missing('known_by_receipt', till)).toEqual([]);
    expect(await missing('disputed_code', till)).toEqual([]);
    expect(await handIn({ receipt: two.jws })).toMatchObject({ result: 'on_file' });
    expect((await findingsOfI9()).findings).toEqual([]);

    // A void that names the forgotten one by its identity.
    const { terminalId, invoiceId } = three.receipt;
    const lines = (JSON.parse(parseCompactJws(three.invoice)!.payload.toString()) as Invoice).lines;
    await handIn({ receipt: three.jws });
    await sell(till, { kind: 'void', lines: turned(lines), reference: { terminalId, invoiceId } });
    const shown = await verification(
      `${three.receipt.code}?total=${formatAmount(three.receipt.total, three.receipt.currency)}`,
    );
    expect(shown).toMatchObject({ knownBy: 'receipt', invoice: { isVoided: true } });
  });

  it('proves an older copy below a mere start of PostgreSQL: the tills are waited for', async () => {
    // Nobody waits for tills that were enrolled after the jump before it.
    await forget();
    const [till, other] = [await ground.till(), await ground.till()];
    const sold = await sell(till);
    await forgetAt('restarted', sold);
    expect(await handIn(printOf(sold))).toMatchObject({ result: 'taken_in' });
    expect(await missing('unheard_since_restore', other)).toEqual([]);
    expect(await handIn({ receipt: sold.jws })).toMatchObject({ result: 'taken_in' });
    expect(await missing('unheard_since_restore', other)).toHaveLength(1);
  });

  it('is one receipt, handed in at several desks at once', async () => {
    const till = await ground.till();
    const sold = await sell(till);
    await forget(sold);
    const answers = await Promise.all([1, 2, 3].map(() => handIn({ receipt: sold.jws })));
    expect(answers.map(({ result }) => result).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'known',
      'known',
      'taken_in',
    ]);
    expect(answers.every(({ known }) => known?.code === sold.receipt.code)).toBe(true);
    expect(await missing('known_by_receipt', till)).toHaveLength(1);
    const { rows } = await sql(
      `SELECT FROM audit_trail WHERE action = 'receipt.taken_in' AND subject = $1`,
      till.terminalId,
    );
    expect(rows).toHaveLength(1);
  });

  it('shows the counters before it as missing, of a journal that the database has forgotten altogether', async () => {
    const till = await ground.till();
    const sales = [await sell(till), await sell(till), await sell(till)];
    await forget(...sales);
    await handIn({ receipt: sales[2]!.jws });
    expect(await missing('gap', till)).toMatchObject([{ from: 1, to: 2, journalId: sales[0]!.receipt.journalId }]);
  });

  it('is refused with a reason, and nothing is stored: forged, damaged, of elsewhere, of nobody, not forgotten', async () => {
    const till = await ground.till();
    const sold = await sell(till);
    await forget(sold);
    const later = await sell(till);
    await sql('DELETE FROM content WHERE sequence = $1', Number(later.receipt.code.slice(0, 12)));
    await sql('DELETE FROM ledger_tax WHERE sequence = $1', Number(later.receipt.code.slice(0, 12)));
    await sql('DELETE FROM ledger WHERE sequence = $1', Number(later.receipt.code.slice(0, 12)));
    const { key, kid } = keys.receiptSigner();
    const signed = (change: Partial<Receipt>) => signReceipt({ ...sold.receipt, ...change }, key, kid);
    const production = `000000000012${sold.receipt.code.slice(12, 18)}`;
    const cases: readonly [string, string][] = [
      ['x', 'receipt_not_genuine'],
      [sold.jws.slice(0, -4), 'receipt_not_genuine'],
      [`${sold.jws.slice(0, 100)}A${sold.jws.slice(101)}`, 'receipt_not_genuine'],
      [signReceipt(sold.receipt, makeSigner().privateKey, kid), 'receipt_not_genuine'],
      [signReceipt(sold.receipt, makeSigner().privateKey, 'another installation'), 'receipt_not_genuine'],
      // Signed by the right key, and made by no server: the MAC is of other fields.
      [signed({ total: sold.receipt.total + 1 }), 'receipt_not_genuine'],
      [
        signed({ environment: 'production', code: `${production}${checkDigits(production)}` }),
        'receipt_of_other_environment',
      ],
      [withMac(signed, { ...sold.receipt, terminalId: 'nobody' }), 'receipt_of_unknown_terminal'],
      [withMac(signed, { ...sold.receipt, taxpayerId: 'another' }), 'receipt_of_unknown_terminal'],
      [withMac(signed, { ...sold.receipt, premisesId: 'another' }), 'receipt_of_unknown_terminal'],
      [later.jws, 'receipt_not_forgotten'],
    ];
    const before = await kept();
    for (const [receipt, code] of cases)
      expect([receipt.slice(0, 40), (await handIn({ receipt })).code]).toEqual([receipt.slice(0, 40), code]);
    const elsewhere = await signIn(ground.server, {
      roles: ['operator'],
      view: { kind: 'regions', regions: ['Nowhere'] },
    });
    expect((await handIn({ receipt: sold.jws }, elsewhere)).code).toBe('receipt_of_unknown_terminal');
    expect((await handIn({ receipt: sold.jws }, await signIn(ground.server))).code).toBe('role_missing');
    expect((await handIn({ receipt: sold.jws, reason: '' })).code).toBe('invalid_request');
    expect(await kept()).toBe(before);
  });

  /** As a server would give it: the code fits the fields. */
  function withMac(signed: (change: Partial<Receipt>) => string, receipt: Receipt): string {
    const sequence = Number(receipt.code.slice(0, 12));
    return signed({ ...receipt, code: makeCode(sequence, receipt, keys.macKeyFor(sequence)) });
  }

  it('that contradicts what is on file is kept as well, whichever came first, and is told loudly', async () => {
    const till = await ground.till();
    const [one, two] = [await sell(till), await sell(till)];
    const { key, kid } = keys.receiptSigner();
    const signed = (change: Partial<Receipt>) => signReceipt({ ...one.receipt, ...change }, key, kid);
    // The number of the first one, given for another invoice.
    const other = withMac(signed, { ...one.receipt, invoiceId: uuidV7(Date.now()), counter: 99 });
    const before = await kept();
    // Above all jumps it proves that an older copy was put back, and the answer says what to do.
    expect((await handIn({ receipt: other })).code).toBe('receipt_not_forgotten');
    expect(await kept()).toBe(before);
    await sql(`SELECT move_numbers_on('other_cluster', NULL, NULL, false)`);
    expect((await handIn({ receipt: other, isCheck: true })).code).toBe('code_in_dispute');
    expect(await kept()).toBe(before);
    expect((await handIn({ receipt: other })).code).toBe('code_in_dispute');
    expect((await handIn({ receipt: other })).code).toBe('code_in_dispute');
    expect(await kept()).toBe(before + 1);
    expect(await missing('disputed_code', till)).toMatchObject([{ codeOnFile: one.receipt.code }]);
    expect((await findingsOfI9()).findings).toHaveLength(1);

    // The second one is known by its receipt, and then its till has the invoice issued again, under another number.
    await forget(two);
    await handIn({ receipt: two.jws });
    const again = await call<IssueAnswer>(ground.server, '/v1/invoices', {
      terminal: till.terminal,
      body: { invoice: two.invoice },
    });
    expect(again.json()).toMatchObject({ result: 'issued' });
    expect(await missing('disputed_code', till)).toHaveLength(2);
    expect(await missing('known_by_receipt', till)).toEqual([]);
    expect((await findingsOfI9()).findings).toHaveLength(2);

    // The number of the third one is taken by a customer's receipt of another invoice; its till brings it back all the same.
    const three = await sell(till);
    await forget(three);
    const foreign = withMac((change) => signReceipt({ ...three.receipt, ...change }, key, kid), {
      ...three.receipt,
      invoiceId: uuidV7(Date.now()),
      counter: 98,
    });
    expect(await handIn({ receipt: foreign })).toMatchObject({ result: 'taken_in' });
    const back = await call<{ results: { result: string }[] }>(ground.server, '/v1/restorations', {
      terminal: till.terminal,
      body: { items: [{ invoice: three.invoice, receipt: three.jws }] },
    });
    expect(back.json().results).toEqual([{ result: 'restored' }]);
    expect(await missing('disputed_code', till)).toHaveLength(3);
    expect((await findingsOfI9()).findings).toHaveLength(3);
    expect(await verification(three.receipt.code)).not.toHaveProperty('knownBy');
    await sql('DELETE FROM known_receipt WHERE terminal_id = $1', till.terminalId);
  });
});

describe('a contradiction', () => {
  const codesOf = async (till: Till) =>
    (await missing('disputed_code', till)).map((row) => row.kind === 'disputed_code' && [row.code, row.codeOnFile]);

  /** A genuine receipt with the number of this sale, of another invoice. */
  function rivalOf({ receipt }: Sold): { readonly jws: string; readonly code: string } {
    const { key, kid } = keys.receiptSigner();
    const sequence = Number(receipt.code.slice(0, 12));
    const other = { ...receipt, invoiceId: uuidV7(Date.now()), counter: 97 };
    const code = makeCode(sequence, other, keys.macKeyFor(sequence));
    return { jws: signReceipt({ ...other, code }, key, kid), code };
  }

  it('is one, where the till presents the receipt and a customer brings it as well', async () => {
    const till = await ground.till();
    const sold = await sell(till);
    await forget();
    const rival = rivalOf(sold);
    await sql(
      `INSERT INTO code_dispute (terminal_id, invoice_id, code, sequence_on_file, receipt, invoice) VALUES ($1, $2, $3, $4, $5, 'invoice')`,
      till.terminalId,
      uuidV7(Date.now()),
      rival.code,
      sold.receipt.code.slice(0, 12),
      rival.jws,
    );
    expect((await handIn({ receipt: rival.jws })).code).toBe('code_in_dispute');
    expect(await codesOf(till)).toEqual([[rival.code, sold.receipt.code]]);
    const { findings } = await findingsOfI9();
    expect(findings.filter((text) => text.includes(rival.code))).toHaveLength(1);
    await sql('DELETE FROM code_dispute WHERE terminal_id = $1', till.terminalId);
    await sql('DELETE FROM known_receipt WHERE terminal_id = $1', till.terminalId);
  });

  it('is one, of two receipts, before and after the till of one of them brings it back', async () => {
    const till = await ground.till();
    const sold = await sell(till);
    await forget(sold);
    const rival = rivalOf(sold);
    expect(await handIn({ receipt: rival.jws })).toMatchObject({ result: 'taken_in' });
    expect((await handIn({ receipt: sold.jws })).code).toBe('code_in_dispute');
    expect(await codesOf(till)).toEqual([[sold.receipt.code, rival.code]]);
    await call(ground.server, '/v1/restorations', {
      terminal: till.terminal,
      body: { items: [{ invoice: sold.invoice, receipt: sold.jws }] },
    });
    expect(await codesOf(till)).toEqual([[rival.code, sold.receipt.code]]);
    const { findings } = await findingsOfI9();
    expect(findings.filter((text) => text.includes(rival.code))).toHaveLength(1);
    await sql('DELETE FROM known_receipt WHERE terminal_id = $1', till.terminalId);
  });

  it('shows as a fork where another invoice has the counter of the receipt', async () => {
    const till = await ground.till();
    const sold = await sell(till);
    await forget(sold);
    await handIn({ receipt: sold.jws });
    expect(await missing('fork', till)).toEqual([]);
    const { counter, journalId } = sold.receipt;
    await sell(till, { counter, journalId, previousDigest: null });
    expect(await missing('fork', till)).toMatchObject([{ journalId, counter, invoices: 2 }]);
  });
});

describe('a paper that only a customer has', () => {
  it('accounts for its number where its code fits what it shows; the signed receipt is better', async () => {
    const till = await ground.till();
    const sold = await sell(till, { issuedAt: '2026-11-22T18:21:07.987+08:00', businessDay: '2026-11-22' });
    await forget(sold);
    const print = printOf(sold);
    const { code, total, currency } = sold.receipt;
    const wrong: readonly [object, string][] = [
      [{ total: formatAmount(total + 1, currency) }, 'print_does_not_fit'],
      [{ soldAt: '2026-11-22 18:21:08+08:00' }, 'print_does_not_fit'],
      [{ counter: '99' }, 'print_does_not_fit'],
      [{ kind: 'refund' }, 'print_does_not_fit'],
      [{ currency: 'EUR' }, 'print_does_not_fit'],
      [{ code: '12345 12345 12345 12345' }, 'code_mistyped'],
      [{ code: `000000000012000000${checkDigits('000000000012000000')}` }, 'receipt_of_other_environment'],
      [{ terminalId: 'nobody' }, 'receipt_of_unknown_terminal'],
      [{ soldAt: '2026-11-22 18:21:07' }, 'invalid_request'],
      [{ total: 'much' }, 'invalid_request'],
      [{ receipt: sold.jws }, 'invalid_request'],
      // A receipt without a code: its QR proves no number.
      [{ code: `https://tax.example/v/${till.terminalId}/${sold.receipt.invoiceId}` }, 'code_mistyped'],
    ];
    const before = await kept();
    for (const [change, problem] of wrong)
      expect([change, (await handIn({ ...print, ...change })).code]).toEqual([change, problem]);
    expect((await handIn({})).code).toBe('invalid_request');
    expect(await kept()).toBe(before);

    const taken = await handIn({ ...print, code: `https://tax.example/v/${code}` });
    expect(taken).toMatchObject({
      result: 'taken_in',
      facts: { code, knownBy: 'print', issuedAt: '2026-11-22T10:21:07Z', invoiceId: null },
    });
    expect(await handIn(print)).toMatchObject({ result: 'known' });
    expect(await verification(`${code}?total=${formatAmount(total, currency)}`)).toMatchObject({
      onFile: true,
      knownBy: 'print',
      total: 'fits',
      invoice: { registeredAt: null, isVoided: false },
    });
    const page = await call(ground.server, `/v/${code}?total=${formatAmount(total, currency)}`, { listener: 'public' });
    expect(page.status).toBe(200);
    expect((await findingsOfI9()).findings).toEqual([]);
    expect(await handIn({ receipt: sold.jws })).toMatchObject({ result: 'taken_in', facts: { knownBy: 'receipt' } });
    expect(await handIn(print)).toMatchObject({ result: 'known', known: { knownBy: 'receipt' } });
    expect(await missing('known_by_receipt', till)).toMatchObject([{ code, knownBy: 'receipt' }]);
  });
});

describe('a paper that does not fit its code', () => {
  it('is tried by one official so often and no more, and each wrong try enters the audit trail, of dry runs too', async () => {
    const till = await ground.till();
    const sold = await sell(till);
    await forget(sold);
    const guesser = await signIn(ground.server, { roles: ['operator'] });
    const wrong = { ...printOf(sold), counter: '99' };
    expect(await handIn(printOf(sold), guesser)).toMatchObject({ result: 'taken_in' });
    for (let tries = 0; tries < 30; tries += 1)
      expect((await handIn({ ...wrong, isCheck: tries % 2 === 0 }, guesser)).code).toBe('print_does_not_fit');
    const answer = await guesser.post<{ code: string }>(API, { reason, ...printOf(sold) });
    expect([answer.status, answer.json().code]).toEqual([429, 'too_many_requests']);
    expect(await handIn(printOf(sold))).toMatchObject({ result: 'known' });
    const { rows } = await sql(
      `SELECT facts FROM audit_trail WHERE action = 'receipt.refused' AND official_name = $1 AND subject = $2`,
      guesser.name,
      till.terminalId,
    );
    expect(rows).toHaveLength(30);
    expect(rows).toContainEqual({ facts: { code: sold.receipt.code, problem: 'print_does_not_fit', isCheck: true } });
  });

  it('is not told from one that fits where no restore can have forgotten its number', async () => {
    const till = await ground.till();
    const [sold, onFile] = [await sell(till), await sell(till)];
    const sequence = Number(sold.receipt.code.slice(0, 12));
    for (const table of ['content', 'ledger_tax', 'ledger'])
      await sql(`DELETE FROM ${table} WHERE sequence = $1`, sequence);
    expect((await handIn(printOf(sold))).code).toBe('receipt_not_forgotten');
    expect((await handIn({ ...printOf(sold), counter: '99' })).code).toBe('receipt_not_forgotten');
    expect(await handIn(printOf(onFile))).toMatchObject({ result: 'on_file' });
  });
});

describe('tax-control receipt', () => {
  it('takes in a signed receipt or a paper, tries it first, and lists what is known so', async () => {
    const till = await ground.till();
    const [one, two] = [await sell(till), await sell(till)];
    await forget(one, two);
    const file = await fileOf(`${one.jws}\n`);
    const tried = await command('receipt', 'take-in', file, '--reason', reason, '--dry-run');
    expect([tried.status, tried.out]).toEqual([0, expect.stringContaining('Nothing was stored') as string]);
    expect((await command('receipt', 'take-in', file, '--reason', reason)).status).toBe(0);
    const again = await command('receipt', 'take-in', file, '--reason', 'other', '--json');
    expect(JSON.parse(again.out)).toMatchObject({ result: 'known', known: { reason } });
    const { code, terminalId, counter, soldAt, total, currency } = printOf(two);
    const paper = ['--terminal', terminalId!, '--counter', counter!, '--sold-at', soldAt!, '--currency', currency!];
    const take = (...more: string[]) => command('receipt', 'take-in', ...paper, '--reason', reason, ...more);
    expect((await take('--code', code!, '--total', total!)).status).toBe(0);
    const list = await command('receipt', 'list', '--terminal', till.terminalId, '--json');
    const { receipts } = JSON.parse(list.out) as { receipts: KnownReceipt[] };
    expect(Object.fromEntries(receipts.map(({ code: known, knownBy }) => [known, knownBy]))).toEqual({
      [one.receipt.code]: 'receipt',
      [two.receipt.code]: 'print',
    });
    const { rows } = await sql(
      `SELECT facts FROM audit_trail WHERE action = 'receipt.taken_in' AND subject = $1`,
      till.terminalId,
    );
    expect(rows).toHaveLength(2);
    expect((rows[0] as { facts: object }).facts).toMatchObject({
      command: expect.any(String) as string,
      knownBy: 'receipt',
    });

    const wrong = await take('--code', code!, '--total', '0.01', '--json');
    expect([wrong.status, JSON.parse(wrong.error)]).toMatchObject([
      1,
      { error: { kind: 'refused', problem: 'print_does_not_fit' } },
    ]);
    const refusals = await sql(
      `SELECT facts FROM audit_trail WHERE action = 'receipt.refused' AND subject = $1`,
      till.terminalId,
    );
    expect(refusals.rows).toMatchObject([{ facts: { problem: 'print_does_not_fit', isCheck: false } }]);
    expect((await take('--code', code!)).status).toBe(2);
    expect((await take('--code', code!, '--total', 'much')).status).toBe(2);
    expect((await command('receipt', 'take-in', file, '--code', code!, '--reason', reason)).status).toBe(2);
    expect((await command('receipt', 'take-in', join(folder, 'none'), '--reason', reason)).status).toBe(2);
    expect((await command('receipt', 'take-in', await fileOf('x'), '--reason', reason)).status).toBe(1);
  });
});
