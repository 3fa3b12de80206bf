import type { Clock, Invoice } from '@tax-control/protocol';
import type { TillIdentity } from '../enrolment/identity.js';
import type { Journal } from '../journal/journal.js';
import type { ParameterShelf } from '../parameters/parameter-shelf.js';
import type { Circuit } from '../sender/circuit.js';
import type { LineRate } from '../sender/line-rate.js';
import type { ServerCalls } from '../sender/server-calls.js';
import type { ClockWatch } from './clock-watch.js';
import type { HoldingsWatch } from './holdings-watch.js';
import type { Lane } from './lane.js';
import type { LineState } from './line-state.js';
import type { ResultKeeper } from './result-keeper.js';
import type { SaleAnswers } from './sale-answers.js';
import type { ShopTime } from './shop-time.js';
import type { Standing } from './standing.js';
import type { UnderWay } from './under-way.js';
import type { WaitingTime } from './waiting-time.js';

/** Points of a sale at which a power cut must do no harm; named so that tests can cut there. */
export type TillStep = 'signed' | 'answered' | 'sealed' | 'chunk_written' | 'chunk_answered';

/** What the parts of one till share. Each takes what it needs of it; `openTill` makes it. */
export interface TillParts {
  readonly clock: Clock;
  readonly software: Invoice['software'];
  readonly journal: Journal;
  readonly shelf: ParameterShelf;
  readonly calls: ServerCalls;
  /** What the line carries. */
  readonly rate: LineRate;
  readonly circuit: Circuit;
  readonly lineState: LineState;
  readonly standing: Standing;
  readonly clockWatch: ClockWatch;
  readonly holdings: HoldingsWatch;
  readonly shopTime: ShopTime;
  readonly waitingTime: WaitingTime;
  readonly keeper: ResultKeeper;
  readonly answers: SaleAnswers;
  readonly lane: Lane;
  readonly underWay: UnderWay;
  /** Changes when the certificate is renewed. */
  readonly identity: () => TillIdentity;
  readonly onStep: (step: TillStep) => void;
  /** A bug in what nobody waits for: it must be heard of, and the shop goes on. */
  readonly onError: (error: unknown) => void;
}
