import { causeGroup, type Clock, type FailureCause, isFailureCause } from '@tax-control/protocol';
import { utcTime } from '../clock.js';
import type { Journal } from '../journal/journal.js';
import { remedyOf, titleOf } from './advice.js';

/** Decisions of the office about a till, which stop it before it signs; everything else is a technical fault, which does not. */
const BARRING: ReadonlySet<FailureCause> = new Set<FailureCause>([
  'certificate_revoked',
  'terminal_revoked',
  'terminal_suspended',
]);

/** What the server takes this till for, as it last said; survives a restart. Null: admitted. */
export class Standing {
  #cause: FailureCause | null;

  constructor(
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {
    const stored = journal.read(() => journal.settings.get('standing'));
    this.#cause = stored !== null && isFailureCause(stored) ? stored : null;
  }

  get cause(): FailureCause | null {
    return this.#cause;
  }

  /** Whether the office has stopped this till. */
  get isBarred(): boolean {
    return this.#cause !== null && BARRING.has(this.#cause);
  }

  /** Takes what a signed echo says: `active`, or the problem that this till's invoices would meet. */
  takeEcho(standing: string): void {
    if (standing === 'active') this.take(null);
    else if (isFailureCause(standing) && causeGroup(standing) === 'authentication') this.take(standing);
  }

  take(cause: FailureCause | null): void {
    if (cause === this.#cause) return;
    this.#cause = cause;
    const { settings, feed } = this.journal;
    this.journal.tryTransaction(() => {
      if (cause === null) settings.remove('standing');
      else settings.set('standing', cause);
      feed.append({
        at: utcTime(this.clock.now()),
        kind: 'not_authenticated',
        saleId: null,
        invoiceId: null,
        code: cause,
        detail: cause === null ? 'The server admits this till again.' : `${titleOf(cause)} ${remedyOf(cause)}`,
      });
    });
  }
}
