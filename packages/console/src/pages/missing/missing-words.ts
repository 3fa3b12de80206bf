import type { Missing } from '@tax-control/protocol/console';
import { formatCount, formatDuration, formatInstant, formatMoney } from '../../format/format.js';
import type { Language } from '../../i18n/language.js';
import { inGroups } from '../invoices/invoice-columns.js';

/** What is known of one thing that is missing, in a sentence. */
export function missingInWords(missing: Missing, { t, tag, code }: Language, zone: string): string {
  const at = (instant: string | null) => formatInstant(instant, tag, zone);
  const count = (value: number) => formatCount(value, tag);
  switch (missing.kind) {
    case 'gap':
      return [
        t('missing.gap', { from: missing.from, to: missing.to, count: count(missing.count) }),
        ...(missing.mayStillWait ? [t('missing.may_still_wait')] : []),
      ].join(' ');
    case 'fork':
      return t('missing.fork', { counter: missing.counter, invoices: count(missing.invoices) });
    case 'unknown_tail':
      return t('missing.unknown_tail', { lastCounter: missing.lastCounter, nextJournalId: missing.nextJournalId });
    case 'broken_chain':
      return t('missing.broken_chain', { counter: missing.counter });
    case 'old_backlog':
      return t('missing.old_backlog', {
        pending: count(missing.pending),
        oldestAt: at(missing.oldestAt),
        limitHours: count(missing.limitHours),
      });
    case 'silent_terminal':
      return t('missing.silent_terminal', {
        lastSignAt: at(missing.lastSignAt),
        silentHours: count(Math.round(missing.silentHours)),
        habitHours: count(Math.round(missing.habitHours)),
      });
    case 'certificate_expiring':
      return t('missing.certificate_expiring', { notAfter: at(missing.notAfter), daysLeft: count(missing.daysLeft) });
    case 'unheard_since_restore':
      return t('missing.unheard_since_restore', {
        recoveredAt: at(missing.recoveredAt),
        newestOnFileAt: at(missing.newestOnFileAt),
        restored: count(missing.restored),
      });
    case 'disputed_code':
      return t('missing.disputed_code', {
        code: inGroups(missing.code),
        codeOnFile: inGroups(missing.codeOnFile),
        invoiceId: missing.invoiceId ?? '–',
      });
    case 'known_by_receipt':
      return t('missing.known_by_receipt', {
        code: inGroups(missing.code),
        soldAt: at(missing.soldAt),
        total: formatMoney(missing.total, missing.currency, tag),
        proof: code('receipt_proof', missing.knownBy),
        takenBy: missing.takenBy,
        reason: missing.reason,
      });
    case 'clock_wrong':
    default:
      return t('missing.clock_wrong', {
        offset: formatDuration(Math.abs(missing.offsetMs), tag),
        measuredAt: at(missing.measuredAt),
      });
  }
}
