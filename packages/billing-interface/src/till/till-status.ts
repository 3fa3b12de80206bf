import type { TillStatus } from '../api.js';
import { utcTime } from '../clock.js';
import type { TillParts } from './till-parts.js';

/** How the till stands: read from the journal at this moment. */
export function tillStatus({ circuit, clockWatch, identity, journal, shelf, shopTime }: TillParts): TillStatus {
  const { terminalId, notAfter } = identity();
  const { invoices, attempts } = journal;
  return journal.read(() => {
    const backlog = invoices.backlog();
    const { behind } = clockWatch;
    return {
      terminalId,
      ...journal.current,
      waiting: backlog.waiting,
      waitingSales: backlog.countedSales,
      oldestWaitingAt: backlog.oldestAt === null ? null : utcTime(backlog.oldestAt),
      refused: invoices.count('refused'),
      issued: invoices.count('issued'),
      circuit: circuit.state,
      lastFailure: attempts.lastFailure(),
      parametersVersion: shelf.current?.version ?? null,
      certificateNotAfter: notAfter.toISOString(),
      clockOffsetMs: clockWatch.forInvoice.clockOffsetMs,
      clockBehind: behind === null ? null : utcTime(behind),
      timeZone: shopTime.zone,
      logWaiting: attempts.countWaiting(),
      mark: journal.mark.status,
      losses: journal.losses.all().filter(({ state }) => state !== 'fetched'),
    };
  });
}
