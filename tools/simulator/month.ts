import type { Invoice } from '@tax-control/protocol';
import { DAY_MS, MINUTE_MS, MOMENT_MS, NIGHTLY_MS, salesOf } from './calendar.js';
import { basketOf, takenBack } from './goods.js';
import type { Random } from './random.js';
import type { Registrar } from './register.js';
import type { SaleDraft } from './sale.js';
import { CLOCK_AHEAD_MS, LOST_INVOICES, missOf, type Story } from './story.js';
import type { Moment, SimulatedTill } from './till.js';

/** Something that a till does at a moment. */
interface Event {
  readonly till: SimulatedTill;
  readonly act: (moment: Moment) => Promise<void>;
}

export interface MonthOptions {
  readonly tills: readonly SimulatedTill[];
  readonly story: Story;
  readonly startMs: number;
  readonly days: number;
  readonly salesPerDay: number;
  readonly random: Random;
  readonly registrar: Registrar;
  /** Sets the server's calendar. */
  readonly setClock: (timeMs: number) => Promise<void>;
  readonly onDay: (daysDone: number) => void;
  readonly signal: AbortSignal;
}

/** Shares of all sales: taken back at once, taken back later, answer lost on the way. */
const VOID_SHARE = 0.006;
const VOID_SHARE_OF_VOIDER = 0.14;
const REFUND_SHARE = 0.012;
const MISTAKEN_REFUND_SHARE = 0.1;
const MISTAKE_NOTICED_MS = 3 * MOMENT_MS;
const LOST_ANSWER_SHARE = 0.0008;
/** Of the faulty software's sales. */
const FAULTY_SHARE = 0.25;
/** A till that is idle looks for the server now and then during an outage, each at its own time. */
const NOTICE_MOMENTS_MAX = 8;
/** Moments after which a till that met a busy server tries again. */
const TRY_AGAIN_MOMENTS = 2;

/** Lets the tills sell through the days, in the order of time; the tills of one moment sell at once. */
export class Month {
  /** By moment; what happens at one is taken out before it begins. */
  readonly #events = new Map<number, Event[]>();
  #nowMs: number;

  constructor(private readonly options: MonthOptions) {
    this.#nowMs = options.startMs;
  }

  async run(): Promise<void> {
    const { startMs, days, tills, story, onDay, signal } = this.options;
    for (const outage of story.outages)
      for (const till of tills.filter(({ plan }) => outage.hits(plan))) this.#drainAfter(till, outage.toMs);
    this.#planOddities();
    for (let day = 0; day < days; day += 1) {
      const midnightMs = startMs + day * DAY_MS;
      for (const till of tills) this.#planDay(till, midnightMs);
      for (this.#nowMs = midnightMs; this.#nowMs < midnightMs + DAY_MS; this.#nowMs += MOMENT_MS) {
        signal.throwIfAborted();
        const events = this.#events.get(this.#nowMs);
        if (events === undefined) continue;
        this.#events.delete(this.#nowMs);
        await this.#live(events);
      }
      onDay(day + 1);
    }
  }

  /** Each till's own events one after the other. */
  async #live(events: readonly Event[]): Promise<void> {
    await this.options.setClock(this.#nowMs);
    const moments = new Map<SimulatedTill, Event[]>();
    for (const event of events) moments.set(event.till, [...(moments.get(event.till) ?? []), event]);
    await Promise.all(
      [...moments].map(async ([till, list]) => {
        for (const { act } of list) await act(this.#momentOf(till, this.#nowMs));
      }),
    );
  }

  #momentOf({ plan }: SimulatedTill, timeMs: number): Moment {
    const { story } = this.options;
    const isAhead = plan.terminalId === story.odd.badClock && timeMs >= story.clockFromMs;
    return { timeMs, miss: missOf(story, plan, timeMs), clockAheadMs: isAhead ? CLOCK_AHEAD_MS : 0 };
  }

  #planDay(till: SimulatedTill, midnightMs: number): void {
    const { random, salesPerDay } = this.options;
    const day = random.fork(till.plan.terminalId, midnightMs);
    for (const timeMs of salesOf(till.plan, midnightMs, salesPerDay, day)) {
      const sale = day.fork(timeMs, 'sale');
      this.#later(timeMs, till, (moment) => this.#sell(till, moment, sale));
    }
    const nightly = midnightMs + NIGHTLY_MS + day.whole(0, 40) * MOMENT_MS;
    this.#later(nightly, till, (moment) => this.#drain(till, moment));
  }

  async #sell(till: SimulatedTill, moment: Moment, random: Random): Promise<void> {
    const { story } = this.options;
    const { terminalId, premises } = till.plan;
    const lines = basketOf(premises.activity, random);
    const isTraining = terminalId === story.odd.learner && moment.timeMs < story.trainingUntilMs;
    const isFaulty =
      premises.taxpayerId === story.faulty.taxpayerId &&
      moment.timeMs >= story.faulty.fromMs &&
      moment.timeMs < story.faulty.toMs &&
      random.chance(FAULTY_SHARE);
    till.install(isFaulty ? '4.2.0' : '4.1.0');
    const method = random.chance(0.75) ? 'card' : 'cash';
    const draft: SaleDraft = { kind: 'sale', type: isTraining ? 'training' : 'normal', lines, method };
    const isLost = random.chance(LOST_ANSWER_SHARE);
    const { invoice, isRefused } = await till.sell(
      { ...draft, faulty: isFaulty && moment.miss === null },
      { ...moment, isLost },
    );
    if (isRefused) await till.sell({ ...draft, supersedes: { terminalId, invoiceId: invoice.id } }, moment);
    else this.#maybeTakeBack(till, invoice, moment.timeMs, random);
  }

  #maybeTakeBack(till: SimulatedTill, invoice: Invoice, timeMs: number, random: Random): void {
    const isVoider = till.plan.terminalId === this.options.story.odd.voider;
    if (random.chance(isVoider ? VOID_SHARE_OF_VOIDER : VOID_SHARE))
      this.#takeBack(till, invoice, 'void', timeMs + random.whole(2, 15) * MOMENT_MS);
    else if (random.chance(REFUND_SHARE)) {
      const later = random.whole(1, 6) * DAY_MS + random.whole(-90, 90) * MINUTE_MS;
      this.#takeBack(till, invoice, 'refund', timeMs + later, random.chance(MISTAKEN_REFUND_SHARE));
    }
  }

  /** @param isMistake it is voided itself a few minutes later */
  #takeBack(
    till: SimulatedTill,
    original: Invoice,
    kind: 'void' | 'refund',
    timeMs: number,
    isMistake: boolean = false,
  ): void {
    const { type, lines, payments, terminalId, id } = original;
    const method = payments[0]?.method ?? 'cash';
    const draft: SaleDraft = { kind, type, lines: takenBack(lines), method, reference: { terminalId, invoiceId: id } };
    this.#later(timeMs, till, async (moment) => {
      const { invoice, isRefused } = await till.sell(draft, moment);
      if (isMistake && !isRefused) this.#takeBack(till, invoice, 'void', moment.timeMs + MISTAKE_NOTICED_MS);
    });
  }

  /** A till finds out by itself that the server is back. */
  #drainAfter(till: SimulatedTill, timeMs: number): void {
    const { random } = this.options;
    const moments = random.fork(till.plan.terminalId, 'notice', timeMs).whole(1, NOTICE_MOMENTS_MAX);
    this.#later(timeMs + moments * MOMENT_MS, till, (moment) => this.#drain(till, moment));
  }

  /** Again after a while where the server was too busy for all. */
  async #drain(till: SimulatedTill, moment: Moment): Promise<void> {
    await till.drain(moment);
    if (till.waiting > 0 && moment.miss === null)
      this.#later(moment.timeMs + TRY_AGAIN_MOMENTS * MOMENT_MS, till, (next) => this.#drain(till, next));
  }

  #planOddities(): void {
    const { story, tills, registrar } = this.options;
    const named = (id: string | null): SimulatedTill | undefined => tills.find(({ plan }) => plan.terminalId === id);
    const gap = named(story.odd.gap);
    if (gap !== undefined)
      this.#later(story.gapMs, gap, async (moment) => {
        for (let lost = 0; lost < LOST_INVOICES; lost += 1)
          gap.loseInvoice(
            {
              kind: 'sale',
              type: 'normal',
              lines: basketOf(gap.plan.premises.activity, this.options.random.fork('lost', lost)),
              method: 'cash',
            },
            moment,
          );
      });
    const expiring = named(story.odd.expiring);
    if (expiring !== undefined)
      this.#later(story.enrolledAgainMs, expiring, async ({ timeMs }) =>
        expiring.enrolAgain(await registrar.certify(expiring.plan, timeMs - MINUTE_MS)),
      );
  }

  /** At a moment of the raster that is still to come; what lies behind the last day does not happen. */
  #later(timeMs: number, till: SimulatedTill, act: Event['act']): void {
    const slot = Math.max(Math.ceil(timeMs / MOMENT_MS) * MOMENT_MS, this.#nowMs);
    const events = this.#events.get(slot);
    if (events === undefined) this.#events.set(slot, [{ till, act }]);
    else events.push({ till, act });
  }
}
