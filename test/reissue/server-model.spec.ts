import { randomUUID } from 'node:crypto';
import { type Invoice, type InvoiceResult, type Problem, signInvoice, uuidV7 } from '@tax-control/protocol';
import type { MissingKind } from '@tax-control/protocol/console';
import { makeInvoice } from '@tax-control/protocol/testing';
import {
  type AsyncCommand,
  assert,
  asyncModelRun,
  asyncProperty,
  boolean,
  commands,
  constant,
  constantFrom,
  nat,
} from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { IssueDoor } from '../../src/issuance/issue-door.js';
import { findRows } from '../../src/ledger/find-rows.js';
import { receiptOfRow } from '../../src/ledger/receipt-of-row.js';
import { KeptTables } from '../../src/log-analytics/kept/kept-tables.js';
import { Missing } from '../../src/log-analytics/missing/missing.js';
import { rebuildStatistics } from '../../src/log-analytics/rebuild.js';
import { TerminalDirectory } from '../../src/registry/terminal-directory.js';
import { LateDoor } from '../../src/reissue/late-door.js';
import { Restorations } from '../../src/reissue/restorations.js';
import { publishParameters, receiptOf, turned, warningsOf } from '../issuance/office.js';
import { testPool } from '../support/pool.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { certify, makeTerminal, registerCertificate, type TestTerminal } from '../support/terminals.js';

/** `MODEL_RUNS=500` tries more orders; these take some seconds. */
const RUNS = Number(process.env['MODEL_RUNS'] ?? 15);
const COMMANDS_MAX = 30;
const LIMIT_MS = Math.max(240_000, RUNS * 10_000);
const TILLS = 2;
const THRESHOLD = 5;
/** Of the last first, so that rows go before those that they name. */
const TABLES = ['ledger_original', 'invoice_warning', 'ledger_tax', 'content', 'ledger'];

/** What becomes of the answer. */
type Line = 'good' | 'lost';
const LINES: readonly Line[] = ['good', 'good', 'lost'];

/** An invoice that a till signed, and all that has to be so of it. */
interface Made {
  readonly till: number;
  readonly invoice: Invoice;
  readonly jws: string;
  readonly digest: string;
  /** What a refund or void takes back: all of it. */
  readonly original: Made | null;
  /** The receipt that was given last, whether its answer came through or not. */
  given: string | null;
  isOnFile: boolean;
  /** Whether the till has the receipt. It waits in its journal otherwise. */
  isHeld: boolean;
}

/** What a till is about to sign. */
interface Journal {
  id: string;
  counter: number;
  digest: string | null;
}

type Refused = Pick<Made, 'till' | 'invoice' | 'jws'>;

/** The server in short: what was given stays given, and an answer follows from what is on file. */
class Model {
  readonly made: Made[] = [];
  readonly refused: Refused[] = [];
  readonly codes = new Set<string>();
  readonly journals = Array.from({ length: TILLS }, (): Journal => ({ id: randomUUID(), counter: 0, digest: null }));

  get onFile(): Made[] {
    return this.made.filter(({ isOnFile }) => isOnFile);
  }

  waiting(till: number): Made[] {
    return this.made.filter((one) => one.till === till && !one.isHeld);
  }

  held(till: number): Made[] {
    return this.made.filter((one) => one.till === till && one.isHeld);
  }

  newestHeld(till: number): Made | undefined {
    return this.held(till)
      .toSorted((one, other) => (codeOf(one) < codeOf(other) ? -1 : 1))
      .at(-1);
  }

  lastCounter(journalId: string): number | null {
    const counters = this.onFile.filter(({ invoice }) => invoice.journalId === journalId);
    return counters.length === 0 ? null : Math.max(...counters.map(({ invoice }) => invoice.counter));
  }

  /** Takes the answer to an invoice as what it must be. */
  settle(one: Made, result: InvoiceResult, line: Line): void {
    if (one.isOnFile)
      agree([result.result, 'receipt' in result ? result.receipt : null], ['already_issued', one.given]);
    else {
      if (result.result !== 'issued') throw new Error(`not issued: ${JSON.stringify(result)}`);
      agree(
        warningsOf(result).filter((code) => JUDGED.includes(code)),
        this.#warningsOf(one),
      );
      const { code, invoiceDigest } = receiptOf(result);
      if (this.codes.has(code)) throw new Error(`the code ${code} was given twice`);
      agree(invoiceDigest, one.digest);
      this.codes.add(code);
      one.given = result.receipt;
      one.isOnFile = true;
    }
    if (line === 'good') one.isHeld = true;
  }

  /** Of a new one, before it is on file. */
  #warningsOf({ original, invoice }: Made): string[] {
    const taken = this.onFile.filter((other) => other.original !== null && other.original === original);
    const isTwin = [...this.onFile, ...this.refused].some(
      (other) => isSameCounter(other.invoice, invoice) && other.invoice.id !== invoice.id,
    );
    const ofOriginal =
      original === null || original.isOnFile
        ? [
            ...(taken.length > 0 ? ['refunds_above_original'] : []),
            ...(taken.some((other) => other.invoice.kind === 'void') ? ['original_already_voided'] : []),
          ]
        : ['original_unknown'];
    return [...ofOriginal, ...(isTwin ? ['counter_fork'] : [])];
  }

  /** What is to be found, a line each. */
  findings(): string[] {
    const { onFile } = this;
    return [...new Set(this.made.map(({ invoice }) => invoice.journalId))].flatMap((journalId) => {
      const of = (list: readonly Refused[]) => list.filter(({ invoice }) => invoice.journalId === journalId);
      const counters = new Set([...of(onFile), ...of(this.refused)].map(({ invoice }) => invoice.counter));
      const gaps = Array.from({ length: Math.max(0, ...counters) }, (_, index) => index + 1).filter(
        (counter) => !counters.has(counter),
      );
      const at = (counter: number) => onFile.filter((one) => isSameCounter(one.invoice, { journalId, counter }));
      const usesOf = (counter: number) =>
        [...at(counter), ...this.refused.filter((one) => isSameCounter(one.invoice, { journalId, counter }))].map(
          ({ invoice }) => invoice.id,
        );
      const forks = [...counters].filter((counter) => at(counter).length > 0 && new Set(usesOf(counter)).size > 1);
      const broken = [...counters].flatMap((counter) => {
        const before = at(counter - 1);
        const isJudged =
          before.length > 0 &&
          !this.refused.some(({ invoice }) => isSameCounter(invoice, { journalId, counter: counter - 1 }));
        return at(counter)
          .filter(({ invoice }) => isJudged && !before.some(({ digest }) => digest === invoice.previousDigest))
          .map(({ invoice }) => invoice.id);
      });
      return [
        ...gaps.map((counter) => `gap ${journalId} ${counter}`),
        ...forks.map((counter) => `fork ${journalId} ${counter}`),
        ...broken.map((id) => `broken_chain ${id}`),
      ];
    });
  }
}

/** Warnings that the model knows of, in the catalogue's order. */
const JUDGED = ['original_unknown', 'refunds_above_original', 'original_already_voided', 'counter_fork'];

type Place = Pick<Invoice, 'journalId' | 'counter'>;
const isSameCounter = (one: Place, other: Place) => one.journalId === other.journalId && one.counter === other.counter;
const codeOf = ({ given }: Made): string =>
  given === null ? '' : receiptOf({ result: 'issued', receipt: given, warnings: [] }).code;

/** Of an answer, and of the model. */
function agree(found: unknown, wanted: unknown): void {
  expect(found).toEqual(wanted);
}

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await publishParameters(
    {
      ...server,
      environment: {},
      clear: () => Promise.resolve(),
    },
    { threshold: THRESHOLD },
  );
});
afterAll(() => server.stop());

/** The server's doors, with terminals of one run. */
class Real {
  private constructor(readonly terminals: TestTerminal[]) {}

  static async open(): Promise<Real> {
    return new Real(await Promise.all(Array.from({ length: TILLS }, () => makeTerminal(server))));
  }

  get #doors() {
    const { application } = server.running;
    return {
      issue: application.get(IssueDoor, { strict: false }),
      late: application.get(LateDoor, { strict: false }),
      restorations: application.get(Restorations, { strict: false }),
      missing: application.get(Missing, { strict: false }),
      kept: application.get(KeptTables, { strict: false }),
    };
  }

  /** The terminal as the registry has it now. */
  async #filed(till: number) {
    const filed = await new TerminalDirectory(server.superuser).byId(this.terminals[till]!.terminalId);
    if (filed === null) throw new Error('the terminal is not registered');
    return filed;
  }

  /** Signs with the certificate that the till has now. */
  sign(model: Model, till: number, change: Partial<Invoice> = {}, original: Made | null = null): Made {
    const { terminalId, taxpayerId, premisesId, key, thumbprint } = this.terminals[till]!;
    const journal = model.journals[till]!;
    const issuedAt = new Date().toISOString();
    const counter = change.counter ?? journal.counter + 1;
    const invoice = makeInvoice({
      terminalId,
      taxpayerId,
      premisesId,
      id: uuidV7(),
      journalId: journal.id,
      counter,
      previousDigest: counter === 1 ? null : journal.digest,
      issuedAt,
      businessDay: issuedAt.slice(0, 'YYYY-MM-DD'.length),
      ...change,
    });
    return {
      till,
      invoice,
      ...signInvoice(invoice, key, thumbprint),
      original,
      given: null,
      isOnFile: false,
      isHeld: false,
    };
  }

  async issue({ jws, till }: Made, newestCode?: string) {
    const answer = await this.#doors.issue.issue(jws, await this.#filed(till), null, false, newestCode);
    if (!('result' in answer)) throw new Error(`a problem: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** The problem with an invoice. */
  async problemOf({ jws, till }: Refused): Promise<string> {
    const answer = await this.#doors.issue.issue(jws, await this.#filed(till), null);
    return 'result' in answer ? answer.result : answer.code;
  }

  async reissue(till: number, list: readonly Made[], newestCode?: string) {
    const texts = list.map(({ jws }) => jws);
    return whole(await this.#doors.late.reissue(texts, await this.#filed(till), null, newestCode));
  }

  async missingOf(till: number, held: readonly Made[]): Promise<readonly string[]> {
    const request = { codes: held.map(codeOf), lastJump: null };
    return (await this.#doors.restorations.findMissing(request, await this.#filed(till))).missing;
  }

  async present(till: number, list: readonly Made[]): Promise<string[]> {
    const items = list.map(({ jws, given }) => ({ invoice: jws, receipt: given ?? '' }));
    return whole(await this.#doors.restorations.restore(items, await this.#filed(till))).results.map((result) =>
      'problem' in result ? result.problem.code : result.result,
    );
  }

  /** An older copy of the database is put back: it lacks these. */
  async forget(list: readonly Made[]): Promise<void> {
    await deleteRows(list.map((one) => codeOf(one).slice(0, 12)));
  }

  /** Leaves nothing behind, so that the sums of the next run are made anew as fast. */
  async end(): Promise<void> {
    const { rows } = await server.superuser.query<{ sequence: string }>(
      'SELECT sequence FROM ledger WHERE terminal_id = ANY ($1)',
      [this.#names],
    );
    await deleteRows(rows.map(({ sequence }) => sequence));
    await server.superuser.query('DELETE FROM refused_invoice WHERE terminal_id = ANY ($1)', [this.#names]);
  }

  async renew(till: number): Promise<void> {
    const terminal = this.terminals[till]!;
    const certified = await certify(server.keysDirectory, terminal.terminalId, terminal.taxpayerId);
    this.terminals[till] = { ...terminal, ...certified };
    await registerCertificate(server, this.terminals[till]);
  }

  /** Receipts of all that is on file of these terminals, by the invoice's id. */
  async receipts(): Promise<Record<string, string>> {
    const { rows } = await server.superuser.query<{ terminalId: string; invoiceId: string }>(
      'SELECT terminal_id AS "terminalId", invoice_id AS "invoiceId" FROM ledger WHERE terminal_id = ANY ($1)',
      [this.#names],
    );
    const found = await findRows(server.superuser, rows);
    return Object.fromEntries([...found.values()].map(({ row }) => [row.invoiceId, receiptOfRow(row)]));
  }

  async refused(): Promise<string[]> {
    const { rows } = await server.superuser.query<{ body: Buffer }>(
      'SELECT body FROM refused_invoice WHERE terminal_id = ANY ($1)',
      [this.#names],
    );
    return rows.map(({ body }) => body.toString());
  }

  /** As of the model, after the sums were made anew as a restored server does. */
  async findings(): Promise<string[]> {
    const operator = testPool(server.database.operatorUrl);
    await rebuildStatistics(operator);
    await operator.end();
    const { kept, missing } = this.#doors;
    await kept.catchUp();
    const list = async (kind: MissingKind) =>
      (await missing.list(kind, { terminalIds: this.#names }, { page: 1, pageSize: 1_000 }, 'all')).items;
    return [...(await list('gap')), ...(await list('fork')), ...(await list('broken_chain'))].flatMap((found) => {
      if (found.kind === 'gap')
        return Array.from({ length: found.count }, (_, index) => `gap ${found.journalId} ${found.from + index}`);
      if (found.kind === 'fork') return [`fork ${found.journalId} ${found.counter}`];
      return found.kind === 'broken_chain' ? [`broken_chain ${found.invoiceId}`] : [];
    });
  }

  get #names(): string[] {
    return this.terminals.map(({ terminalId }) => terminalId);
  }
}

async function deleteRows(sequences: readonly string[]): Promise<void> {
  for (const table of TABLES)
    await server.superuser.query(`DELETE FROM ${table} WHERE sequence = ANY ($1)`, [sequences]);
}

function whole<Answer extends object>(answer: Answer | Problem): Answer {
  if ('retry' in answer) throw new Error(`a problem of the whole list: ${JSON.stringify(answer)}`);
  return answer;
}

type Step = AsyncCommand<Model, Real>;

abstract class Command implements Step {
  constructor(protected readonly till: number) {}

  check(_model: Readonly<Model>): boolean {
    return true;
  }

  abstract run(model: Model, real: Real): Promise<void>;
  abstract toString(): string;

  protected keep(model: Model, one: Made): void {
    model.made.push(one);
    Object.assign(model.journals[this.till]!, { counter: one.invoice.counter, digest: one.digest });
  }

  /** Over the online door. */
  protected async send(model: Model, real: Real, one: Made, line: Line): Promise<void> {
    const newest = model.newestHeld(this.till);
    const answer = await real.issue(one, newest && codeOf(newest));
    if (newest !== undefined) agree(answer.newestKnown, newest.isOnFile);
    model.settle(one, answer, line);
    agree(answer.lastCounter, model.lastCounter(one.invoice.journalId));
  }
}

/** A sale, or something that takes an earlier one back; without line it waits in the journal. */
class Sell extends Command {
  constructor(
    till: number,
    private readonly line: Line | null,
    private readonly kind: Invoice['kind'],
    private readonly index: number,
    private readonly isChained: boolean,
  ) {
    super(till);
  }

  override check({ made }: Readonly<Model>): boolean {
    return this.kind === 'sale' || made.some(({ invoice }) => invoice.kind === 'sale');
  }

  async run(model: Model, real: Real): Promise<void> {
    const sales = model.made.filter(({ invoice }) => invoice.kind === 'sale');
    const original = this.kind === 'sale' ? null : sales[this.index % sales.length]!;
    const journal = model.journals[this.till]!;
    const change: Partial<Invoice> = {
      ...(original !== null && {
        kind: this.kind,
        lines: turned(original.invoice.lines),
        reference: { terminalId: original.invoice.terminalId, invoiceId: original.invoice.id },
      }),
      ...(!this.isChained && journal.counter > 0 && { previousDigest: 'A'.repeat(43) }),
    };
    const one = real.sign(model, this.till, change, original);
    this.keep(model, one);
    if (this.line !== null) await this.send(model, real, one, this.line);
  }

  toString(): string {
    const chain = this.isChained ? '' : ', chain broken';
    return `till ${this.till}: ${this.kind}${this.kind === 'sale' ? '' : ` of ${this.index}`} (${this.line ?? 'waits'}${chain})`;
  }
}

/** What waits goes through the late door, the oldest first. */
class Drain extends Command {
  constructor(
    till: number,
    private readonly line: Line,
  ) {
    super(till);
  }

  override check(model: Readonly<Model>): boolean {
    return model.waiting(this.till).length > 0;
  }

  async run(model: Model, real: Real): Promise<void> {
    const list = model.waiting(this.till).slice(0, THRESHOLD);
    const newest = model.newestHeld(this.till);
    const isNewestKnown = newest?.isOnFile;
    const answer = await real.reissue(this.till, list, newest && codeOf(newest));
    agree(answer.results.length, list.length);
    for (const [index, one] of list.entries()) model.settle(one, answer.results[index]!, this.line);
    if (isNewestKnown !== undefined) agree(answer.newestKnown, isNewestKnown);
  }

  toString(): string {
    return `till ${this.till}: drain (${this.line})`;
  }
}

/** The same bytes of an invoice that is on file, by either door. */
class SendAgain extends Command {
  constructor(
    till: number,
    private readonly index: number,
    private readonly isLate: boolean,
  ) {
    super(till);
  }

  override check(model: Readonly<Model>): boolean {
    return model.onFile.length > 0;
  }

  async run(model: Model, real: Real): Promise<void> {
    const one = model.onFile[this.index % model.onFile.length]!;
    const result = this.isLate ? (await real.reissue(one.till, [one])).results[0]! : await real.issue(one);
    model.settle(one, result, 'good');
  }

  toString(): string {
    return `${this.index} again (${this.isLate ? 'late' : 'online'})`;
  }
}

/** Other content under the identity of an invoice that is on file. */
class Conflict extends Command {
  constructor(
    till: number,
    private readonly index: number,
  ) {
    super(till);
  }

  override check(model: Readonly<Model>): boolean {
    return model.onFile.length > 0;
  }

  async run(model: Model, real: Real): Promise<void> {
    const { till, invoice } = model.onFile[this.index % model.onFile.length]!;
    const { id, journalId, counter, previousDigest } = invoice;
    const other = real.sign(model, till, {
      id,
      journalId,
      counter,
      previousDigest,
      cashier: `another ${randomUUID()}`,
    });
    agree(await real.problemOf(other), 'identity_conflict');
    model.refused.push(other);
  }

  toString(): string {
    return `other content as ${this.index}`;
  }
}

/** An old image of the till's disk goes on from an earlier counter. */
class Fork extends Command {
  constructor(
    till: number,
    private readonly index: number,
    private readonly line: Line,
  ) {
    super(till);
  }

  #from(model: Readonly<Model>): Made | undefined {
    const own = model.made.filter(({ invoice }) => invoice.journalId === model.journals[this.till]!.id);
    return own[this.index % own.length];
  }

  override check(model: Readonly<Model>): boolean {
    return this.#from(model) !== undefined;
  }

  async run(model: Model, real: Real): Promise<void> {
    const { invoice } = this.#from(model)!;
    const { counter, previousDigest } = invoice;
    const one = real.sign(model, this.till, { counter, previousDigest });
    this.keep(model, one);
    await this.send(model, real, one, this.line);
  }

  toString(): string {
    return `till ${this.till}: goes on from ${this.index} (${this.line})`;
  }
}

class NewJournal extends Command {
  override check(model: Readonly<Model>): boolean {
    return model.journals[this.till]!.counter > 0;
  }

  run(model: Model): Promise<void> {
    model.journals[this.till] = { id: randomUUID(), counter: 0, digest: null };
    return Promise.resolve();
  }

  toString(): string {
    return `till ${this.till}: a new journal`;
  }
}

class Renew extends Command {
  run(_model: Model, real: Real): Promise<void> {
    return real.renew(this.till);
  }

  toString(): string {
    return `till ${this.till}: renews its certificate`;
  }
}

class Forget extends Command {
  override check(model: Readonly<Model>): boolean {
    return model.onFile.length > 0;
  }

  async run(model: Model, real: Real): Promise<void> {
    const byCode = model.onFile.toSorted((one, other) => (codeOf(one) < codeOf(other) ? -1 : 1));
    const lost = byCode.slice(-1 - this.till);
    await real.forget(lost);
    for (const one of lost) one.isOnFile = false;
  }

  toString(): string {
    return `restored without the last ${this.till + 1}`;
  }
}

/** The till asks which of its receipts are missing, and brings these back. */
class BringBack extends Command {
  async run(model: Model, real: Real): Promise<void> {
    const held = model.held(this.till);
    const lost = held.filter(({ isOnFile }) => !isOnFile);
    agree([...(await real.missingOf(this.till, held))].sort(), lost.map(codeOf).sort());
    for (let from = 0; from < lost.length; from += THRESHOLD) {
      const list = lost.slice(from, from + THRESHOLD);
      agree(
        await real.present(this.till, list),
        list.map(() => 'restored'),
      );
      for (const one of list) one.isOnFile = true;
    }
    const some = model.held(this.till).slice(0, THRESHOLD);
    if (some.length > 0)
      agree(
        await real.present(this.till, some),
        some.map(() => 'on_file'),
      );
  }

  toString(): string {
    return `till ${this.till}: brings back what is missing`;
  }
}

const till = nat(TILLS - 1);
const line = constantFrom(...LINES);
const steps = commands<Model, Real, false>(
  [
    till.chain((who) => constantFrom<Line | null>(...LINES, null).map((how) => new Sell(who, how, 'sale', 0, true))),
    till.chain((who) =>
      constantFrom<Line | null>(...LINES, null).chain((how) =>
        constantFrom<Invoice['kind']>('refund', 'void').chain((kind) =>
          nat(20).map((index) => new Sell(who, how, kind, index, true)),
        ),
      ),
    ),
    till.map((who) => new Sell(who, 'good', 'sale', 0, false)),
    till.chain((who) => line.map((how) => new Drain(who, how))),
    nat(20).chain((index) => boolean().map((isLate) => new SendAgain(0, index, isLate))),
    nat(20).map((index) => new Conflict(0, index)),
    till.chain((who) => nat(20).chain((index) => line.map((how) => new Fork(who, index, how)))),
    till.map((who) => new NewJournal(who)),
    till.map((who) => new Renew(who)),
    nat(4).map((lost) => new Forget(lost)),
    till.map((who) => new BringBack(who)),
    constant(new BringBack(0)),
  ],
  { maxCommands: COMMANDS_MAX, size: 'max' },
);

/** What the model says is what the server holds and finds. */
async function compare(model: Model, real: Real): Promise<void> {
  expect(await real.receipts()).toEqual(
    Object.fromEntries(model.onFile.map(({ invoice, given }) => [invoice.id, given])),
  );
  expect((await real.refused()).sort()).toEqual(model.refused.map(({ jws }) => jws).sort());
  expect((await real.findings()).sort()).toEqual(model.findings().sort());
}

it(
  'issues, refuses, forgets and takes back in any order, and holds and finds what a short model says',
  { timeout: LIMIT_MS },
  async () => {
    await assert(
      asyncProperty(steps, async (order) => {
        const model = new Model();
        const real = await Real.open();
        try {
          await asyncModelRun(() => ({ model, real }), order);
          await compare(model, real);
          // And in the end nothing is missing but what no till can bring.
          for (let who = 0; who < TILLS; who += 1) {
            await new BringBack(who).run(model, real);
            while (model.waiting(who).length > 0) await new Drain(who, 'good').run(model, real);
          }
          expect(model.onFile).toHaveLength(model.made.length);
          await compare(model, real);
        } finally {
          await real.end();
        }
      }),
      { numRuns: RUNS },
    );
  },
);
