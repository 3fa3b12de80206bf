import type { Sql } from '../../registry/sql.js';
import type { TerminalStatus } from '../../registry/terminals.js';

/** A terminal with where it stands and when anything of it last arrived (null: never). */
export interface ListedTerminal {
  readonly terminalId: string;
  readonly premisesId: string;
  readonly taxpayerId: string;
  readonly region: string;
  readonly status: TerminalStatus;
  readonly statusReason: string | null;
  readonly statusChangedAt: Date;
  readonly registeredAt: Date;
  readonly lastSeenAt: Date | null;
}

/** Which terminals; null does not narrow. `notSeenSince`: RFC 3339; those of which nothing arrived from then on, or never. */
export interface ListCriteria {
  readonly taxpayerId: string | null;
  readonly premisesId: string | null;
  readonly region: string | null;
  readonly status: TerminalStatus | null;
  readonly notSeenSince: string | null;
}

/** `next`: the id after which the next page begins; null: this was the last. */
export interface ListedPage {
  readonly terminals: readonly ListedTerminal[];
  readonly next: string | null;
}

/**
 * A page of terminals by id, found by its key and not by counting: the thousandth costs what the first does. Signs are kept in the
 * background, some seconds behind.
 * @param after id behind which the page begins; null: at the first
 */
export async function listTerminalsSeen(
  sql: Sql,
  criteria: ListCriteria,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<ListedPage> {
  const { rows } = await sql.query<ListedTerminal>(
    `SELECT terminal.terminal_id AS "terminalId", premises_id AS "premisesId", terminal.taxpayer_id AS "taxpayerId", region, status,
            status_reason AS "statusReason", status_changed_at AS "statusChangedAt", registered_at AS "registeredAt",
            last_sign_at AS "lastSeenAt"
     FROM terminal
     JOIN premises USING (premises_id)
     LEFT JOIN terminal_sign ON terminal_sign.terminal_id = terminal.terminal_id AND last_sign_at > '-infinity'
     WHERE ($1::text IS NULL OR terminal.taxpayer_id = $1) AND ($2::text IS NULL OR premises_id = $2)
       AND ($3::text IS NULL OR region = $3) AND ($4::text IS NULL OR status = $4)
       AND ($5::timestamptz IS NULL OR last_sign_at IS NULL OR last_sign_at < $5)
       AND ($6::text IS NULL OR terminal.terminal_id > $6)
     ORDER BY terminal.terminal_id LIMIT $7`,
    [
      criteria.taxpayerId,
      criteria.premisesId,
      criteria.region,
      criteria.status,
      criteria.notSeenSince,
      after,
      limit + 1,
    ],
  );
  const terminals = rows.slice(0, limit);
  return { terminals, next: rows.length > limit ? (terminals.at(-1)?.terminalId ?? null) : null };
}
