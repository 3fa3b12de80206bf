import { addTaxRate } from '../fleet/register-shop.js';
import { startLocal } from '../local/start-local.js';
import type { Things } from '../screen/things.js';
import { DAY_MS } from './calendar.js';
import { type Counts, noCounts } from './counts.js';
import { planFleet } from './fleet-plan.js';
import { TAX_RATES } from './goods.js';
import { Month } from './month.js';
import { Random } from './random.js';
import { Registrar } from './register.js';
import { ServerClock } from './server-clock.js';
import { type Story, writeStory } from './story.js';
import { SimulatedTill } from './till.js';

export interface SimulateOptions {
  readonly directory: string;
  readonly fresh: boolean;
  readonly days: number;
  readonly tills: number;
  readonly seed: number;
  readonly salesPerDay: number;
  /** Last day, as midnight UTC after it, milliseconds since 1970. */
  readonly endMs: number;
  readonly things: Things;
  readonly onProgress: (stage: string, done: number, total: number, note?: string) => void;
}

/** What happened, for whoever looks for it in the console. */
export interface SimulateResult extends Counts {
  readonly days: number;
  readonly tills: number;
  readonly seed: number;
  readonly from: string;
  readonly to: string;
  readonly stillWaiting: number;
  readonly outages: readonly { readonly what: string; readonly from: string; readonly to: string }[];
  readonly odd: Readonly<Record<string, string | null>>;
}

/** Rates are in force from long before. */
const RATES_FROM = '2011-01-04';
/** Certificates begin a day before the first sale. */
const CERTIFIED_BEFORE_MS = DAY_MS;
/** Days after the month's end at which one till's certificate ends: soon enough to be shown. */
const ENDING_SOON_MS = 6 * DAY_MS;

/**
 * Fills a fresh installation with a month of a country's tills, through the doors of the very same server.
 * @throws when the installation has tills already, or something that everything stands on fails
 */
export async function simulate(options: SimulateOptions): Promise<SimulateResult> {
  const { days, things, onProgress } = options;
  const startMs = options.endMs - days * DAY_MS;
  onProgress('starting everything', 0, 1);
  const clock = await ServerClock.open(startMs);
  things.add(() => Promise.resolve(clock.close()));
  const local = await startLocal({
    directory: options.directory,
    fresh: options.fresh,
    signal: things.signal,
    serverSettings: clock.environment,
  });
  things.add(() => local.stop());
  void local.broken.then((what) => things.fail(what));
  const registrar = await Registrar.open(local);
  things.add(() => registrar.close());
  if (await registrar.hasTerminals())
    throw new Error(
      `${options.directory} has tills already. Say --fresh to begin anew with it, or name another folder with --directory.`,
    );
  for (const [category, rate] of Object.entries(TAX_RATES)) await addTaxRate(local, category, rate, RATES_FROM);

  const random = new Random(`seed ${options.seed}`);
  const plan = planFleet(options.tills, random.fork('fleet'));
  const story = writeStory(plan, startMs, days, random.fork('story'));
  await registrar.registerFleet(plan, new Date(startMs - CERTIFIED_BEFORE_MS));
  const place = { port: Number(new URL(local.addresses.terminals).port) };
  const counts = noCounts();
  const tills: SimulatedTill[] = [];
  for (const planned of plan) {
    const certified = await registrar.certify(
      planned,
      startMs - CERTIFIED_BEFORE_MS,
      ...endOf(planned.terminalId, story, options.endMs),
    );
    tills.push(new SimulatedTill(planned, place, certified, random.fork(planned.terminalId), counts, startMs));
    onProgress('registering tills', tills.length, plan.length);
  }
  things.add(() => Promise.resolve(tills.forEach((till) => till.close())));
  const setClock = (timeMs: number): Promise<void> => clock.set(timeMs);
  const onDay = (done: number): void => onProgress('days of selling', done, days, `${counts.invoices} invoices`);
  onDay(0);
  await registrar.dateByLedger(true);
  const { salesPerDay } = options;
  await new Month({
    tills,
    story,
    startMs,
    days,
    salesPerDay,
    random,
    registrar,
    setClock,
    onDay,
    signal: things.signal,
  }).run();
  await registrar.dateByLedger(false);
  // So that whoever starts it again meets no server of the simulated calendar.
  await registrar.close();
  await local.stop();
  const stillWaiting = tills.reduce((sum, { waiting }) => sum + waiting, 0);
  return { ...summary(options, startMs, story), ...counts, stillWaiting };
}

/** When a certificate ends, where that is part of the story. */
function endOf(terminalId: string, { odd, expiryMs }: Story, endMs: number): [number] | [] {
  if (terminalId === odd.expiring) return [expiryMs];
  return terminalId === odd.endingSoon ? [endMs + ENDING_SOON_MS] : [];
}

function summary({ days, tills, seed, endMs }: SimulateOptions, startMs: number, { outages, odd }: Story) {
  return {
    days,
    tills,
    seed,
    from: timeOf(startMs),
    to: timeOf(endMs),
    outages: outages.map(({ name, fromMs, toMs }) => ({ what: name, from: timeOf(fromMs), to: timeOf(toMs) })),
    odd: { ...odd },
  };
}

function timeOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
