import type { AttemptRow, JournalRow, Missing, Page, PageQuery, PendingInvoice } from '@tax-control/protocol/console';
import type { VisiblePremises } from '../../officials/view.js';

/** Attempts of one terminal in a period. */
export interface TerminalPeriod {
  readonly terminalId: string;
  readonly from: string;
  readonly to: string;
}

/** What other modules know of terminals. Who asks has made sure that the official sees the terminals. */
export abstract class TerminalSources {
  /** Invoices that wait at each terminal; those without are left out. */
  abstract pending(terminalIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** The invoices that wait at one, the oldest first. */
  abstract backlog(terminalId: string): Promise<readonly PendingInvoice[]>;
  /** Last arrival of an invoice or entry of each terminal; those without are left out. */
  abstract lastSigns(terminalIds: readonly string[]): Promise<ReadonlyMap<string, Date>>;
  /** The newest journal first. */
  abstract journals(terminalId: string): Promise<readonly JournalRow[]>;
  abstract missing(terminalId: string): Promise<readonly Missing[]>;
  /** Attempts, successful ones too, newest first. `last`: the last one of the page before, if that is known. */
  abstract attemptsOfTerminal(
    period: TerminalPeriod,
    page: PageQuery,
    view: VisiblePremises,
    last?: AttemptRow,
  ): Promise<Page<AttemptRow>>;
}
