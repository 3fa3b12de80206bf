import { type Invoice, isBusinessDayFar, rateDayOf } from '@tax-control/protocol';
import type { Journal } from '../journal/journal.js';

/** What a till finds odd about the times of an invoice that it signed, and what to do; the server warns of the same. Pure. */
export function noticesOf(invoice: Invoice): string[] {
  const { clockBehind, issuedAt, businessDay } = invoice;
  const notices: string[] = [];
  if (clockBehind !== undefined)
    notices.push(
      `The till’s clock is wrong: it says ${issuedAt}, but ${clockBehind} has passed. Set date and time. ` +
        `The sale has the tax rates of ${rateDayOf(invoice)}.`,
    );
  if (isBusinessDayFar(invoice))
    notices.push(
      `The business day ${businessDay} is more than a day from the time of sale ${issuedAt}. Correct the day in the till’s ` +
        `software. The sale has the tax rates of ${rateDayOf(invoice)}.`,
    );
  return notices;
}

/** What the till's disk has lost and no sale's answer has told yet, and what to do. */
export function lossNotices({ losses }: Pick<Journal, 'losses'>): string[] {
  return losses
    .untold()
    .map(
      (detail) =>
        `${detail} The till sells on in a new journal and fetches back what the server has of the old one. Check the disk; tax-terminal status ` +
        'tells what is missing.',
    );
}
