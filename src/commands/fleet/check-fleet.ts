import { findKnownTerminals, type KnownTerminal, ownersOfPremises } from '../../registry/fleet.js';
import type { Sql } from '../../registry/sql.js';
import type { FleetFault, FleetRow } from './fleet-file.js';

/** Rows sorted by what is to be done with them. */
export interface FleetCheck {
  readonly fresh: readonly FleetRow[];
  /** Registered before, in the same premises. */
  readonly skipped: readonly FleetRow[];
  readonly faults: readonly FleetFault[];
}

/** Compares the rows with the registry; changes nothing. */
export async function checkFleet(
  sql: Sql,
  rows: readonly FleetRow[],
  { skipRegistered }: { readonly skipRegistered: boolean },
): Promise<FleetCheck> {
  const owners = await ownersOfPremises(sql, [...new Set(rows.map(({ premisesId }) => premisesId))]);
  const known = await findKnownTerminals(
    sql,
    rows.map(({ terminalId }) => terminalId),
  );
  const fresh: FleetRow[] = [];
  const skipped: FleetRow[] = [];
  const faults: FleetFault[] = [];
  for (const row of rows) {
    const registered = known.get(row.terminalId);
    const reason = faultOfPlace(row, owners) ?? faultOfKnown(row, registered, skipRegistered);
    if (reason !== null) faults.push({ line: row.line, reason });
    else if (registered === undefined) fresh.push(row);
    else skipped.push(row);
  }
  return { fresh, skipped, faults };
}

function faultOfPlace({ premisesId, taxpayerId }: FleetRow, owners: ReadonlyMap<string, string>): string | null {
  const owner = owners.get(premisesId);
  if (owner === undefined)
    return `There are no premises ${premisesId}. Register them first: tax-control premises add ${premisesId}`;
  if (taxpayerId !== null && taxpayerId !== owner)
    return `The premises ${premisesId} belong to the taxpayer ${owner}, not to ${taxpayerId}.`;
  return null;
}

function faultOfKnown(
  { terminalId, premisesId }: FleetRow,
  registered: KnownTerminal | undefined,
  skipRegistered: boolean,
): string | null {
  if (registered === undefined) return null;
  if (registered.premisesId !== premisesId)
    return (
      `The terminal ${terminalId} is registered in the premises ${registered.premisesId}, where it stays for life. ` +
      'A till that moves becomes another terminal.'
    );
  if (registered.status === 'revoked')
    return `The terminal ${terminalId} is revoked for ever. Give the till another number.`;
  if (skipRegistered) return null;
  return `The terminal ${terminalId} is registered already. Take the row out, or leave such rows alone with --skip-registered.`;
}
