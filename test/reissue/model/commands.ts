import { randomUUID } from 'node:crypto';
import type { Invoice } from '@tax-control/protocol';
import { type AsyncCommand, boolean, constant, constantFrom, nat } from 'fast-check';
import { turned } from '../../issuance/office.js';
import type { Real } from './doors.js';
import { agree, codeOf, type Line, LINES, type Made, type Model, TILLS } from './model.js';

/** Invoices that one request may bring. */
export const THRESHOLD = 5;

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
export class Drain extends Command {
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
export class BringBack extends Command {
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

/** All that may come next. */
export const STEPS = [
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
];
