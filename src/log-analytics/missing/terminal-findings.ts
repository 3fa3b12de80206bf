import type { ExpiringCertificate, OldBacklog, WrongClock } from '@tax-control/protocol/console';
import type { Finding } from './finding.js';
import { MISSING_RULE } from './limits.js';
import { PLACE_COLUMNS, placeOf, type PlaceRow, TERMINALS_IN_VIEW } from './terminals-in-view.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface BacklogRow extends PlaceRow {
  readonly pending: number;
  readonly oldest_at: Date;
}

/** Terminals with an invoice, known from their log, that waits for longer than it may. */
export const OLD_BACKLOGS: Finding<BacklogRow, OldBacklog> = {
  sql: `
    WITH ${TERMINALS_IN_VIEW}, waiting AS (
      SELECT terminal_id, count(*)::integer AS pending, min(first_at) AS oldest_at
      FROM waiting_invoice
      WHERE NOT is_refused AND first_at IS NOT NULL AND NOT EXISTS (
        SELECT FROM ledger
        WHERE ledger.terminal_id = waiting_invoice.terminal_id AND ledger.invoice_id = waiting_invoice.invoice_id
      ) AND NOT EXISTS (
        SELECT FROM refused_invoice AS refused
        WHERE refused.terminal_id = waiting_invoice.terminal_id AND refused.invoice_id = waiting_invoice.invoice_id
      )
      GROUP BY terminal_id
    )
    SELECT ${PLACE_COLUMNS}, pending, oldest_at
    FROM waiting JOIN seen USING (terminal_id)
    WHERE oldest_at < $6::timestamptz
    ORDER BY oldest_at, seen.terminal_id`,
  values: ({ now, limitHours }) => [new Date(now - limitHours * HOUR_MS)],
  toItem: (row, { limitHours }) => ({
    kind: 'old_backlog',
    ...placeOf(row),
    since: row.oldest_at.toISOString(),
    pending: row.pending,
    oldestAt: row.oldest_at.toISOString(),
    limitHours,
  }),
};

interface CertificateRow extends PlaceRow {
  readonly thumbprint: string;
  readonly not_after: Date;
}

/** Active terminals whose last certificate that is not revoked should have been renewed by now. */
export const EXPIRING_CERTIFICATES: Finding<CertificateRow, ExpiringCertificate> = {
  sql: `
    WITH ${TERMINALS_IN_VIEW}, newest AS (
      SELECT DISTINCT ON (terminal_id) terminal_id, thumbprint, not_before, not_after
      FROM terminal_certificate WHERE revoked_at IS NULL AND way <> 'shown_again'
      ORDER BY terminal_id, not_after DESC
    )
    SELECT ${PLACE_COLUMNS}, thumbprint, not_after
    FROM newest JOIN seen USING (terminal_id)
    WHERE status = 'active'
      AND (not_after < $6::timestamptz + make_interval(days => ${MISSING_RULE.certificateDaysMin})
        OR (not_after < $6::timestamptz + make_interval(days => ${MISSING_RULE.certificateDaysMax})
          AND not_after - $6::timestamptz < (not_after - not_before) * ${MISSING_RULE.certificateLifeShareMax}))
    ORDER BY not_after, seen.terminal_id`,
  values: ({ now }) => [new Date(now)],
  toItem: (row, { now }) => ({
    kind: 'certificate_expiring',
    ...placeOf(row),
    since: row.not_after.getTime() <= now ? row.not_after.toISOString() : null,
    thumbprint: row.thumbprint,
    notAfter: row.not_after.toISOString(),
    daysLeft: Math.floor((row.not_after.getTime() - now) / DAY_MS),
  }),
};

interface ClockRow extends PlaceRow {
  readonly offset_ms: string | null;
  readonly clock_off_at: Date;
}

/** What the till measured itself, else how far the time of sale lay from its arrival. */
export const WRONG_CLOCKS: Finding<ClockRow, WrongClock> = {
  sql: `
    WITH ${TERMINALS_IN_VIEW}
    SELECT ${PLACE_COLUMNS}, clock_off_at,
           COALESCE(
             (convert_from(content.payload, 'UTF8')::json ->> 'clockOffsetMs')::bigint,
             (extract(epoch FROM ledger.issued_at - ledger.registered_at) * 1000)::bigint
           ) AS offset_ms
    FROM terminal_sign JOIN seen USING (terminal_id)
    JOIN ledger ON ledger.sequence = clock_off_sequence
    LEFT JOIN content ON content.sequence = ledger.sequence AND content.registered_at = ledger.registered_at
    WHERE clock_off_at >= terminal_sign.last_registered_at - make_interval(hours => ${MISSING_RULE.clockHoursMax})
    ORDER BY clock_off_at DESC, seen.terminal_id`,
  toItem: (row) => ({
    kind: 'clock_wrong',
    ...placeOf(row),
    since: null,
    offsetMs: Number(row.offset_ms ?? 0),
    measuredAt: row.clock_off_at.toISOString(),
  }),
};
