import { randomUUID } from 'node:crypto';
import { type Door, type Invoice, type InvoiceResult, type Receipt, signInvoice, uuidV7 } from '@tax-control/protocol';
import { makeInvoice, TestClock } from '@tax-control/protocol/testing';
import type { Pool } from 'pg';
import { LookUps } from '../../src/database/look-ups.js';
import { inTransaction } from '../../src/database/transaction.js';
import { authenticateInvoice } from '../../src/issuance/authenticate-invoice.js';
import type { AuthenticInvoice } from '../../src/issuance/authentic-invoice.js';
import { READ_IN_PLACE } from '../../src/issuance/reading/read-invoices.js';
import { Issuance } from '../../src/issuance/issue-invoices.js';
import { DirectoryCustody } from '../../src/keys/directory-custody.js';
import { KeyRing } from '../../src/keys/key-ring.js';
import { Refusals } from '../../src/ledger/refusals.js';
import { PinoLog } from '../../src/observability/pino-log.js';
import { TerminalLimits } from '../../src/rate-limits/rate-limits.js';
import { addTaxRate, publishSettings } from '../../src/registry/till-rule-changes.js';
import { Parameters } from '../../src/registry/parameters.js';
import { TerminalDirectory } from '../../src/registry/terminal-directory.js';
import type { TillSettings } from '../../src/registry/till-settings.js';
import { makeGround, type TestGround } from '../support/server.js';
import { makeTerminal, type TestTerminal, type TestTerminalOptions } from '../support/terminals.js';
import { testPool } from '../support/pool.js';

/** Twenty times what a server has, so that a busy machine is not taken for a database that hangs. */
const ANSWER_MS = 60_000;

/** Issuance on a real database, without the server around it. */
export interface Office {
  readonly ground: TestGround;
  readonly pool: Pool;
  readonly keys: KeyRing;
  /** The clock of keys and issuance. */
  readonly clock: TestClock;
  readonly issuance: Issuance;
  readonly logLines: string[];
  /** A new till with a journal of its own. */
  till(options?: TestTerminalOptions): Promise<Till>;
  close(): Promise<void>;
}

/**
 * @param poolUrl where the pool connects to, if not to the database itself (a proxy)
 * @param answerMs how long a list may wait in the database
 */
export async function openOffice(
  given: {
    readonly ground?: TestGround;
    readonly settings?: Partial<TillSettings>;
    readonly poolUrl?: string;
    readonly answerMs?: number;
  } = {},
): Promise<Office> {
  const ground = given.ground ?? (await makeGround());
  await publishParameters(ground, given.settings);
  const pool = testPool({ connectionString: given.poolUrl ?? ground.database.serverUrl, max: 8, pipeline: true });
  // An idle session may be cut by a fault; whoever uses the next one sees it.
  pool.on('error', () => undefined);
  const clock = new TestClock();
  const keys = new KeyRing(new DirectoryCustody(ground.keysDirectory), clock);
  const logLines: string[] = [];
  const log = new PinoLog('info', { write: (line: string) => void logLines.push(line) });
  const directory = new TerminalDirectory(new LookUps(pool));
  return {
    ground,
    pool,
    keys,
    clock,
    issuance: new Issuance(
      pool,
      keys,
      new Parameters(new LookUps(pool), keys),
      log,
      new Refusals(pool, new TerminalLimits(pool)),
      clock,
      given.answerMs ?? ANSWER_MS,
    ),
    logLines,
    till: async (options = {}) => new Till(await makeTerminal(ground, options), directory),
    close: async () => {
      if (!pool.ended) await pool.end();
      if (given.ground === undefined) await ground.clear();
    },
  };
}

/** A till's patience is not what is tried, unless a test says so: a busy machine must not make a sale an offline one. */
const DEADLINE_MS = 20_000;

/** Parameters and the rates that `makeInvoice` uses, in force since 2000. */
export async function publishParameters(ground: TestGround, settings: Partial<TillSettings> = {}): Promise<void> {
  const addresses = ['https://localhost:8443'];
  const operator = testPool({ connectionString: ground.database.operatorUrl, max: 1 });
  await inTransaction(operator, async (client) => {
    for (const [category, rate] of Object.entries({ standard: '20', reduced: '5', zero: '0' }))
      await addTaxRate(client, { category, rate, from: '2000-01-01', until: null });
    await publishSettings(client, (present) =>
      Object.assign(
        present,
        { addresses, verificationUrl: 'https://localhost:9443', deadlineMs: DEADLINE_MS },
        settings,
      ),
    );
  });
  await operator.end();
}

/** A till as issuance sees it: signs invoices with the next counter. It keeps nothing and checks nothing. */
export class Till {
  journalId: string = randomUUID();
  counter = 0;
  private previousDigest: string | null = null;

  constructor(
    readonly terminal: TestTerminal,
    private readonly directory: TerminalDirectory,
  ) {}

  get terminalId(): string {
    return this.terminal.terminalId;
  }

  /** The next invoice of the journal, signed: a sale of now unless overridden, of the business day of its time. */
  sign(overrides: Partial<Invoice> = {}): SignedSale {
    const { issuedAt = new Date().toISOString() } = overrides;
    this.counter = overrides.counter ?? this.counter + 1;
    const invoice = makeInvoice({
      ...this.names(),
      id: uuidV7(Date.now()),
      journalId: this.journalId,
      counter: this.counter,
      previousDigest: this.counter === 1 ? null : (this.previousDigest ?? 'A'.repeat(43)),
      issuedAt,
      businessDay: issuedAt.slice(0, 'YYYY-MM-DD'.length),
      ...overrides,
    });
    const { jws, digest } = signInvoice(invoice, this.terminal.key, this.terminal.thumbprint);
    this.previousDigest = digest;
    return { invoice, jws };
  }

  names(): Pick<Invoice, 'terminalId' | 'taxpayerId' | 'premisesId'> {
    const { terminalId, taxpayerId, premisesId } = this.terminal;
    return { terminalId, taxpayerId, premisesId };
  }

  /** The invoice as it comes through a door. */
  async arrive(jws: string, door: Door = 'issue', at: number = Date.now()): Promise<AuthenticInvoice> {
    const record = await this.directory.byId(this.terminalId);
    if (record === null) throw new Error('the terminal is not registered');
    const read = await authenticateInvoice(READ_IN_PLACE, jws, record, { door, at, attemptId: randomUUID() });
    if (!read.ok) throw new Error(`refused: ${JSON.stringify(read.problem)}`);
    return read.authentic;
  }

  /** Signs and arrives. */
  sale(overrides: Partial<Invoice> = {}, door: Door = 'issue'): Promise<AuthenticInvoice> {
    return this.arrive(this.sign(overrides).jws, door);
  }
}

export interface SignedSale {
  readonly invoice: Invoice;
  readonly jws: string;
}

/** The whole invoice, of which issuance knows the head. */
export function contentOf({ payload }: AuthenticInvoice): Invoice {
  return JSON.parse(payload.toString('utf8')) as Invoice;
}

/** The lines with the other sign: what takes them back. */
export function turned(lines: Invoice['lines']): Invoice['lines'] {
  return lines.map((line) => ({
    ...line,
    quantity: line.quantity.startsWith('-') ? line.quantity.slice(1) : `-${line.quantity}`,
    amount: 0 - line.amount,
  }));
}

/** The facts of a receipt, without checking its signature. */
export function receiptOf(result: InvoiceResult | undefined): Receipt {
  if (result?.result !== 'issued' && result?.result !== 'already_issued')
    throw new Error(`no receipt: ${JSON.stringify(result)}`);
  return JSON.parse(Buffer.from(result.receipt.split('.')[1] ?? '', 'base64url').toString('utf8')) as Receipt;
}

/** The warnings of a result, by code alone. */
export function warningsOf(result: InvoiceResult | undefined): string[] {
  return result !== undefined && 'warnings' in result ? result.warnings.map(({ code }) => code) : [];
}
