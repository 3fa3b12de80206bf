import type { TimelineItem } from '@tax-control/protocol/console';
import { formatInstant } from '../../format/format.js';
import type { Language } from '../../i18n/language.js';

/** What happened, in a sentence. */
export function timelineInWords(item: TimelineItem, { t, tag, code }: Language, zone: string): string {
  const at = (instant: string) => formatInstant(instant, tag, zone);
  switch (item.kind) {
    case 'attempt':
      return t('timeline.attempt', { outcome: code('outcome', item.outcome), door: code('door', item.door) });
    case 'refused_invoice':
      return t('timeline.refused_invoice', { cause: code('cause', item.cause) });
    case 'certificate_issued':
      return t('timeline.certificate_issued', { way: code('way', item.way), notAfter: at(item.notAfter) });
    case 'certificate_revoked':
      return t('timeline.certificate_revoked');
    case 'invitation':
      return t('timeline.invitation', { expiresAt: at(item.expiresAt) });
    case 'registered':
      return t('timeline.registered', { premisesId: item.premisesId });
    case 'status':
    default:
      return t('timeline.status', { status: code('status', item.status) });
  }
}
