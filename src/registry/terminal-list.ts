import { containsText, parameterOf, patternOf, type RegistryView, type Slice } from './registry-lists.js';
import type { Sql } from './sql.js';
import type { TerminalStatus } from './terminals.js';

/** A terminal with where it stands, and until when its newest certificate is valid (null: it never enrolled). */
export interface PlacedTerminal {
  readonly terminalId: string;
  readonly premisesId: string;
  readonly premisesName: string;
  readonly premisesAddress: string;
  readonly activity: string;
  readonly region: string;
  readonly taxpayerId: string;
  readonly taxpayerName: string;
  readonly status: TerminalStatus;
  readonly statusReason: string | null;
  readonly statusChangedAt: Date;
  readonly registeredAt: Date;
  readonly certificateNotAfter: Date | null;
}

/** What terminals are narrowed to; null does not narrow. */
export interface TerminalCriteria {
  readonly text: string | null;
  readonly status: TerminalStatus | null;
  readonly regions: readonly string[] | null;
  readonly taxpayerIds: readonly string[] | null;
  readonly premisesIds: readonly string[] | null;
  readonly terminalIds: readonly string[] | null;
}

const ALL: TerminalCriteria = {
  text: null,
  status: null,
  regions: null,
  taxpayerIds: null,
  premisesIds: null,
  terminalIds: null,
};

/** Terminals in visible premises, by id. */
export async function listPlacedTerminals(
  sql: Sql,
  view: RegistryView,
  criteria: TerminalCriteria,
  { offset, limit, after }: Slice,
): Promise<PlacedTerminal[]> {
  const { rows } = await sql.query<PlacedTerminal>(
    `SELECT terminal_id AS "terminalId", premises_id AS "premisesId", premises.name AS "premisesName",
            premises.address AS "premisesAddress", activity, region, terminal.taxpayer_id AS "taxpayerId",
            taxpayer.name AS "taxpayerName", status, status_reason AS "statusReason",
            status_changed_at AS "statusChangedAt", registered_at AS "registeredAt",
            (SELECT max(not_after) FROM terminal_certificate
             WHERE terminal_certificate.terminal_id = terminal.terminal_id AND revoked_at IS NULL
               AND way <> 'shown_again') AS "certificateNotAfter"
     FROM terminal
     JOIN premises USING (premises_id)
     JOIN taxpayer ON taxpayer.taxpayer_id = terminal.taxpayer_id
     WHERE ($1::text[] IS NULL OR premises_id = ANY ($1)) AND ${containsText('terminal_id', 'premises.name', 'taxpayer.name')}
       AND ($5::text IS NULL OR status = $5) AND ($6::text[] IS NULL OR region = ANY ($6))
       AND ($7::text[] IS NULL OR terminal.taxpayer_id = ANY ($7)) AND ($8::text[] IS NULL OR premises_id = ANY ($8))
       AND ($9::text[] IS NULL OR terminal_id = ANY ($9)) AND ($10::text IS NULL OR terminal_id > $10)
     ORDER BY terminal_id OFFSET $3 LIMIT $4`,
    [
      parameterOf(view),
      patternOf(criteria.text),
      offset,
      limit,
      criteria.status,
      criteria.regions,
      criteria.taxpayerIds,
      criteria.premisesIds,
      criteria.terminalIds,
      after,
    ],
  );
  return rows;
}

/** One terminal, if it stands in visible premises; else null, as if there were none. */
export async function findPlacedTerminal(
  sql: Sql,
  view: RegistryView,
  terminalId: string,
): Promise<PlacedTerminal | null> {
  const [found] = await listPlacedTerminals(sql, view, { ...ALL, terminalIds: [terminalId] }, { offset: 0, limit: 1 });
  return found ?? null;
}
