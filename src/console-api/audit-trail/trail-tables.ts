import type { AuditTrailRow } from '@tax-control/protocol/console';
import { closed, TEXT, TEXT_OR_NULL, TIME } from '../../officials/descriptions.js';
import { columns } from '../csv/table.js';

export const TRAIL_COLUMNS = columns<AuditTrailRow>(
  'trailId',
  'at',
  'official',
  'action',
  'subject',
  'reason',
  ['facts', ({ facts }) => JSON.stringify(facts)],
  'remoteAddress',
  'requestId',
);

/** What the documentation says of `AuditTrailPage`. */
export const AUDIT_TRAIL_PAGE = closed({
  items: {
    type: 'array',
    items: closed({
      trailId: TEXT,
      at: TIME,
      official: TEXT_OR_NULL,
      action: TEXT,
      subject: TEXT_OR_NULL,
      reason: TEXT_OR_NULL,
      facts: { type: 'object' },
      remoteAddress: TEXT_OR_NULL,
      requestId: TEXT_OR_NULL,
    }),
  },
  next: TEXT_OR_NULL,
});
