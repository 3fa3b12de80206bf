import { type Clock, type Invoice, systemClock } from '@tax-control/protocol';
import type { BillingInterface } from '../api.js';
import type { TillIdentity } from '../enrolment/identity.js';
import { type EnrolledTill, readTill } from '../enrolment/read-till.js';
import { TillFiles } from '../enrolment/till-files.js';
import { TrustedAuthorities } from '../enrolment/trusted-authorities.js';
import type { Journal } from '../journal/journal.js';
import { JournalUnavailable } from '../journal/journal-unavailable.js';
import type { JournalEntry } from '../journal/entries.js';
import { openJournal } from '../journal/open-journal.js';
import { ParameterShelf } from '../parameters/parameter-shelf.js';
import { Circuit, CIRCUIT_PACE } from '../sender/circuit.js';
import { type Credentials, Line } from '../sender/line.js';
import { ServerCalls } from '../sender/server-calls.js';
import { ClockWatch } from './clock-watch.js';
import { Drainer } from './drainer.js';
import { Housekeeper } from './housekeeper.js';
import { Errands } from './errands.js';
import { SaleDesk } from './issue-sale.js';
import { HoldingsWatch } from './holdings-watch.js';
import { Lane } from './lane.js';
import { LimitWatch } from './limit-watch.js';
import { LineState } from './line-state.js';
import { LogUploader } from './log-uploader.js';
import { LostJournals } from './lost-journals.js';
import { TILL_PACE, type TillPace } from './pace.js';
import { ParameterFetcher } from './parameter-fetcher.js';
import { Reissuer } from './reissuer.js';
import { Renewer } from './renewer.js';
import { Restorer } from './restorer.js';
import { ResultKeeper } from './result-keeper.js';
import { SaleAnswers } from './sale-answers.js';
import { ChunkSender } from './send-chunk.js';
import { SaleSender } from './send-sale.js';
import { ServerWatch } from './server-watch.js';
import { ShopTime, timeZoneFault } from './shop-time.js';
import { Standing } from './standing.js';
import { Till } from './till.js';
import type { TillParts, TillStep } from './till-parts.js';
import { UnderWay } from './under-way.js';
import { WaitingTime } from './waiting-time.js';
import { warmUp } from './warm-up.js';

export interface OpenTillOptions {
  /** The folder that `enrol` filled. */
  readonly directory: string;
  /** The till's software, as it is written into every invoice. */
  readonly software: Invoice['software'];
  readonly clock?: Clock;
  /** IANA name of the shop's time zone, in place of the one that the parameters name. */
  readonly timeZone?: string;
  /** How often a till does what nobody waits for. */
  readonly pace?: Partial<TillPace>;
  /** Upper bound of the journal's file in pages of 4 KiB. */
  readonly journalPagesMax?: number;
  /** Called at the points of a sale at which a power cut must do no harm. */
  readonly onStep?: (step: TillStep) => void;
  /** Hears of failures that nobody waits for and that are nobody's fault but ours; a process warning, if left out. */
  readonly onError?: (error: unknown) => void;
}

/** The till cannot be opened; `message` says what is wrong and what to do. */
export class TillUnavailable extends Error {
  override readonly name = 'TillUnavailable';

  constructor(
    readonly code: 'not_enrolled' | 'journal_unavailable' | 'files_damaged' | 'time_zone_unknown',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Opens the billing interface of an enrolled till and holds its journal until `close`: one process at a time.
 * Needs no server: parameters and backlog are on disk.
 * @throws TillUnavailable
 */
export async function openTill(options: OpenTillOptions): Promise<BillingInterface> {
  const zoneFault = options.timeZone === undefined ? null : timeZoneFault(options.timeZone);
  if (zoneFault !== null) throw new TillUnavailable('time_zone_unknown', zoneFault);
  const files = new TillFiles(options.directory);
  const reading = readTill(files);
  if (reading.state === 'not_enrolled')
    throw new TillUnavailable(
      'not_enrolled',
      `There is no enrolled till in ${options.directory}. Enrol it with the invitation of the operator (tax-terminal enrol).`,
    );
  if (reading.state === 'damaged') throw new TillUnavailable('files_damaged', reading.detail);
  const clock = options.clock ?? systemClock;
  const journal = holdJournal(files, options, clock);
  warmUp();
  try {
    return await Promise.resolve(assemble(options, files, reading.till, journal, clock));
  } catch (error) {
    journal.close();
    throw unavailable(error);
  }
}

function holdJournal(files: TillFiles, { software, journalPagesMax }: OpenTillOptions, clock: Clock): Journal {
  try {
    const program = `${software.name} ${software.version}`;
    return openJournal({ file: files.journal, program, clock, ...(journalPagesMax && { pagesMax: journalPagesMax }) });
  } catch (error) {
    throw unavailable(error);
  }
}

function unavailable(error: unknown): unknown {
  if (!(error instanceof JournalUnavailable)) return error;
  return new TillUnavailable('journal_unavailable', error.message, { cause: error });
}

/** Puts the parts together; the only place that knows all of them. */
function assemble(
  options: OpenTillOptions,
  files: TillFiles,
  enrolled: EnrolledTill,
  journal: Journal,
  clock: Clock,
): BillingInterface {
  const pace: TillPace = { ...CIRCUIT_PACE, ...TILL_PACE, ...options.pace };
  const authorities = new TrustedAuthorities(enrolled.authorityPem, (pem) => files.writeAuthority(pem));
  let identity: TillIdentity = enrolled.identity;
  journal.transaction(() => journal.settings.addCertificate(identity.thumbprint, identity.certificatePem, clock.now()));

  const shelf = new ParameterShelf(journal, authorities, clock);
  const credentials = (): Credentials => ({
    identity: { key: identity.keyPem, certificate: identity.certificatePem },
    authority: authorities.pem,
  });
  // Those of the invitation stay as a last resort: parameters with a mistyped address must not cut a till off for ever.
  const addresses = () => [...(shelf.current?.addresses ?? []), ...enrolled.terminal.addresses];
  const line = new Line({ credentials, addresses, clock });
  const standing = new Standing(journal, clock);
  const clockWatch = new ClockWatch(journal, authorities, clock, () => shelf.current?.publishedAt ?? null);
  const waitingTime = new WaitingTime(journal, clock, clockWatch);
  const circuit: Circuit = new Circuit({
    probe: () => serverWatch.ask(),
    onClosed: () => housekeeper.returned(),
    pace,
  });
  const parts: TillParts = {
    clock,
    software: options.software,
    journal,
    shelf,
    calls: new ServerCalls(line),
    rate: line.rate,
    circuit,
    lineState: new LineState(circuit, standing, clockWatch, clock),
    standing,
    clockWatch,
    holdings: new HoldingsWatch(journal, clock),
    waitingTime,
    shopTime: new ShopTime(shelf, identity.premisesId, options.timeZone ?? null),
    keeper: new ResultKeeper(journal, clock),
    answers: new SaleAnswers(journal, shelf, waitingTime),
    lane: new Lane(),
    underWay: new UnderWay(),
    identity: () => identity,
    onStep: options.onStep ?? (() => undefined),
    onError: options.onError ?? ((error) => process.emitWarning(error instanceof Error ? error : String(error))),
  };

  const serverWatch = new ServerWatch(parts, { credentials, addresses });
  const parameters = new ParameterFetcher(parts);
  const fetchParameters = async (until: number): Promise<void> => {
    await parameters.fetch(until);
  };
  const reissuer = new Reissuer(parts, new ChunkSender(parts, fetchParameters), fetchParameters);
  const drainer: Drainer = new Drainer(
    parts,
    new Restorer(parts, pace.holdingsMs),
    reissuer,
    new LogUploader(parts),
    () => housekeeper.soon(),
    (retryAfterMs) => housekeeper.busy(retryAfterMs),
  );
  const renewer = new Renewer(parts, files, line, authorities, (renewed) => {
    identity = renewed;
  });
  const lostJournals = new LostJournals(parts, authorities, fetchParameters);
  const housekeeper = new Housekeeper(parts, { drainer, lostJournals, parameters, renewer, serverWatch }, pace);
  journal.onLost = () => housekeeper.soon();
  const reissueOne = (entry: JournalEntry, until: number): Promise<void> => reissuer.sendOne(entry, until);
  const sender = new SaleSender(parts, {
    online: (allowance) => drainer.afterSale(allowance),
    reissueOne,
    fetchParameters,
  });
  const errands = new Errands(
    parts,
    { serverWatch, fetchParameters, housekeeper, lostJournals, reissueOne },
    pace.standingMs,
  );
  const desk = new SaleDesk(parts, sender, errands);
  housekeeper.returned();
  return new Till(parts, { desk, drainer, housekeeper, limitWatch: new LimitWatch(parts), line, lostJournals });
}
