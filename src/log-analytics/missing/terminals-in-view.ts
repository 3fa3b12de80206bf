import type { Filter } from '@tax-control/protocol/console';
import type { View } from '../statistics/scope.js';

/** Where a row of "missing" stands, as every query gives it. */
export interface PlaceRow {
  readonly terminal_id: string;
  readonly premises_id: string;
  readonly premises_name: string;
  readonly region: string;
  readonly taxpayer_id: string;
}

/** What a filter and a view let through; parameters `$1` to `$5` of {@link TERMINALS_IN_VIEW}. */
export function viewValues(view: View, filter: Filter): unknown[] {
  return [
    view === 'all' ? null : view,
    filter.regions ?? null,
    filter.taxpayerIds ?? null,
    filter.premisesIds ?? null,
    filter.terminalIds ?? null,
  ];
}

/** A common table of the terminals that may be seen and are asked for, with their places. */
export const TERMINALS_IN_VIEW = `seen AS (
  SELECT terminal_id, premises_id, premises.name AS premises_name, region, taxpayer_id, activity, terminal.status
  FROM terminal JOIN premises USING (premises_id, taxpayer_id)
  WHERE ($1::text[] IS NULL OR premises_id = ANY ($1::text[])) AND ($2::text[] IS NULL OR region = ANY ($2::text[]))
    AND ($3::text[] IS NULL OR taxpayer_id = ANY ($3::text[])) AND ($4::text[] IS NULL OR premises_id = ANY ($4::text[]))
    AND ($5::text[] IS NULL OR terminal_id = ANY ($5::text[]))
)`;

export const PLACE_COLUMNS = 'seen.terminal_id, seen.premises_id, seen.premises_name, seen.region, seen.taxpayer_id';

export function placeOf(row: PlaceRow): {
  readonly terminalId: string;
  readonly premisesId: string;
  readonly premisesName: string;
  readonly region: string;
  readonly taxpayerId: string;
} {
  return {
    terminalId: row.terminal_id,
    premisesId: row.premises_id,
    premisesName: row.premises_name,
    region: row.region,
    taxpayerId: row.taxpayer_id,
  };
}
