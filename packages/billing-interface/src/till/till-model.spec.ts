import {
  type AsyncCommand,
  assert,
  asyncModelRun,
  asyncProperty,
  commands,
  constant,
  constantFrom,
  nat,
} from 'fast-check';
import { expect, it } from 'vitest';
import type { BillingInterface, InvoiceDraft, SaleResult } from '../api.js';
import type { Fault } from '../testing/stand-in-server.js';
import { TillBench } from '../testing/till-bench.js';
import { draft } from '../testing/till-folder.js';

/** Runs, and commands of one: half a minute of them on a slow machine. */
const RUNS = 60;
const COMMANDS_MAX = 30;
const LIMIT_MS = 240_000;

/** What becomes of a call: it gets through, nothing was done, or it was done and the answer is lost or cut. */
type Line = 'good' | 'reset' | 'lose' | 'cut';
const LINES: readonly Line[] = ['good', 'good', 'good', 'reset', 'lose', 'cut'];

/** What is known of a sale: the invoice that it became, and the code once it was told. */
interface Sold {
  readonly draft: InvoiceDraft;
  readonly invoiceId: string;
  code: string | null;
}

/** All that has to be so: what was sold, and nothing else. */
class Model {
  readonly sales = new Map<string, Sold>();

  nth(index: number): readonly [string, Sold] {
    return [...this.sales][index % this.sales.size]!;
  }

  /** One that is no refund itself. The first one always is a sale. */
  original(index: number): Sold {
    const originals = [...this.sales.values()].filter((sold) => sold.draft.kind !== 'refund');
    return originals[index % originals.length]!;
  }
}

/** A till, its folder and an office. */
class Real {
  till!: BillingInterface;

  private constructor(readonly bench: TillBench) {}

  static async open(): Promise<Real> {
    const real = new Real(await TillBench.set());
    await real.start();
    return real;
  }

  async start(): Promise<void> {
    this.till = await this.bench.openTill();
  }

  /** Every call goes over such a line until the next one. */
  line(line: Line): void {
    const fault: Fault | null = line === 'good' ? null : { kind: line };
    this.bench.server.fault = () => fault;
  }
}

type Step = AsyncCommand<Model, Real>;

abstract class Command implements Step {
  check(_model: Readonly<Model>): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    await this.act(model, real);
    for (const [saleId, sold] of model.sales) keep(sold, real.till.lookUp(saleId));
  }

  protected abstract act(model: Model, real: Real): Promise<void>;
  abstract toString(): string;
}

/** An answer about a sale has to agree with all that was told of it before. */
function keep(sold: Sold, answer: SaleResult | null): void {
  if (answer?.result !== 'issued' && answer?.result !== 'stored_offline')
    throw new Error(`a sale is gone: ${JSON.stringify(answer)}`);
  expect(answer.invoice.id).toBe(sold.invoiceId);
  const code = answer.result === 'issued' ? answer.code : null;
  sold.code ??= code;
  expect(code).toBe(sold.code);
}

class Sell extends Command {
  constructor(
    private readonly line: Line,
    private readonly refundOf: number | null,
  ) {
    super();
  }

  override check(model: Readonly<Model>): boolean {
    return this.refundOf === null || model.sales.size > 0;
  }

  protected async act(model: Model, real: Real): Promise<void> {
    const saleId = `sale-${model.sales.size}`;
    const original = this.refundOf === null ? null : model.original(this.refundOf);
    const wanted =
      original === null
        ? draft(saleId)
        : draft(saleId, {
            kind: 'refund',
            reference: { terminalId: 'till-1', invoiceId: original.invoiceId },
            ...turned(),
          });
    real.line(this.line);
    const answer = await real.till.issue(saleId, wanted);
    if (!('invoice' in answer)) throw new Error(`not sold: ${JSON.stringify(answer)}`);
    const sold: Sold = { draft: wanted, invoiceId: answer.invoice.id, code: null };
    model.sales.set(saleId, sold);
    keep(sold, answer);
  }

  toString(): string {
    return `${this.refundOf === null ? 'sell' : `refund ${this.refundOf}`} (${this.line})`;
  }
}

class AskAgain extends Command {
  constructor(
    private readonly index: number,
    private readonly line: Line,
  ) {
    super();
  }

  override check(model: Readonly<Model>): boolean {
    return model.sales.size > 0;
  }

  protected async act(model: Model, real: Real): Promise<void> {
    const [saleId, sold] = model.nth(this.index);
    real.line(this.line);
    keep(sold, await real.till.issue(saleId, sold.draft));
  }

  toString(): string {
    return `ask again ${this.index} (${this.line})`;
  }
}

class Drain extends Command {
  constructor(private readonly line: Line) {
    super();
  }

  protected async act(_model: Model, real: Real): Promise<void> {
    real.line(this.line);
    await real.till.drain();
  }

  toString(): string {
    return `drain (${this.line})`;
  }
}

class Restart extends Command {
  protected async act(_model: Model, real: Real): Promise<void> {
    await real.till.close();
    await real.start();
  }

  toString(): string {
    return 'restart';
  }
}

/** An older copy of the server's database is put back: it lacks the last invoices, whether their receipts came through or not. */
class Restore extends Command {
  constructor(private readonly lost: number) {
    super();
  }

  protected act(_model: Model, { bench }: Real): Promise<void> {
    const { office } = bench.server;
    office.restore([...office.filed.keys()].slice(-this.lost));
    return Promise.resolve();
  }

  toString(): string {
    return `restore without the last ${this.lost}`;
  }
}

/** The same goods back: a refund has the quantities of its original with the other sign. */
function turned(): Partial<InvoiceDraft> {
  const { lines, payments } = draft('any');
  return {
    lines: lines.map((line) => ({ ...line, quantity: `-${line.quantity}` })),
    payments: payments.map((payment) => ({ ...payment, amount: -payment.amount })),
  };
}

const steps = commands<Model, Real, false>(
  [
    constantFrom(...LINES).map((line) => new Sell(line, null)),
    constantFrom(...LINES).chain((line) => nat(20).map((index) => new Sell(line, index))),
    constantFrom(...LINES).chain((line) => nat(20).map((index) => new AskAgain(index, line))),
    constantFrom(...LINES).map((line) => new Drain(line)),
    constant(new Restart()),
    nat(5).map((lost) => new Restore(lost + 1)),
  ],
  { maxCommands: COMMANDS_MAX, size: 'max' },
);

it(
  'sells, is asked again, crashes, drains and brings back, in any order, and loses nothing',
  { timeout: LIMIT_MS },
  async () => {
    await assert(
      asyncProperty(steps, async (order) => {
        const real = await Real.open();
        const model = new Model();
        try {
          await asyncModelRun(() => ({ model, real }), order);
          real.line('good');
          await real.till.drain();
          // A sale online carries along what the office has forgotten without a passage of its own.
          await new Sell('good', null).run(model, real);
          await real.till.drain();
          const { office } = real.bench.server;
          expect(office.filed.size).toBe(model.sales.size);
          const codes = [...model.sales.values()].map(({ code }) => code);
          for (const [saleId, sold] of model.sales) {
            const answer = real.till.lookUp(saleId);
            keep(sold, answer);
            const filed = office.filed.get(sold.invoiceId);
            expect(answer).toMatchObject({ result: 'issued', code: filed?.code, receiptJws: filed?.receipt });
          }
          expect(codes).not.toContain(null);
          expect(new Set(codes).size).toBe(codes.length);
          expect(office.keptSince).toBe(office.lastJump);
        } finally {
          await real.bench.end();
        }
      }),
      { numRuns: RUNS },
    );
  },
);
