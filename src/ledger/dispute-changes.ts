import type { DisputeDecision, SettledDispute } from '@tax-control/protocol/console';
import type { PoolClient } from 'pg';
import { listDisputes } from './disputes.js';

/**
 * A decision of a dispute. `code`: that of the receipt; `codeOnFile`: that which it contradicts; 20 digits each.
 * @property premisesIds only of tills in these; null: of all
 */
export interface Decision {
  readonly code: string;
  readonly codeOnFile: string;
  readonly stands: DisputeDecision;
  readonly settledBy: string;
  readonly reason: string;
  readonly premisesIds: readonly string[] | null;
}

/**
 * Settles the dispute of two codes, and no other one of either. Both stay kept, and nothing on file changes. Deciding the same again changes
 * nothing; another decision takes the place of the one before, which stays as well. Needs a transaction.
 *
 * @returns null: the two codes are in no dispute, or it is out of sight
 */
export async function settleDispute(client: PoolClient, decision: Decision): Promise<SettledDispute | null> {
  const { code, codeOnFile, stands, settledBy, reason, premisesIds } = decision;
  // Two decisions of a code follow each other.
  await client.query(`SELECT pg_advisory_xact_lock(hashtext('settled_dispute'), hashtext($1))`, [code]);
  const wanted = { code, codeOnFile, premisesIds, isOpen: false, limit: 1 };
  const [before] = await listDisputes(client, wanted);
  if (before === undefined) return null;
  if (before.settlement?.stands === stands) return { result: 'known', dispute: before };
  await client.query(
    'INSERT INTO settled_dispute (code, code_on_file, stands, settled_by, reason) VALUES ($1, $2, $3, $4, $5)',
    [code, codeOnFile, stands, settledBy, reason],
  );
  const [dispute = before] = await listDisputes(client, wanted);
  return { result: 'settled', dispute };
}
