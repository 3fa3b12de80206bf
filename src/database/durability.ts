import { faultText } from './fault.js';
import { judgeSchema } from './judge-schema.js';
import { judgeDurability, judgeEncoding, judgeVersion, judgeWritable, readServerState } from './judge-server.js';
import type { Reads } from './reads.js';
import { readMigrationStatus } from './migrate.js';

/** The database may not be used as it is. The message says what is wrong and what to do; it holds no secrets. */
export class DatabaseUnfit extends Error {
  override readonly name = 'DatabaseUnfit';
}

/**
 * Refuses a database that may forget what it has confirmed (I3), that takes no writing, is older than what was tried, or whose
 * tables are not those that this version knows.
 *
 * @param mayBeAhead a later version may have migrated it: so it is for a server that runs while others are upgraded
 * (docs/operating/upgrade.md)
 * @throws {@link DatabaseUnfit}; an outage comes as the driver's error
 */
export async function assertDatabaseFit(
  database: Reads,
  { mayBeAhead }: { readonly mayBeAhead: boolean },
): Promise<void> {
  const state = await readServerState(database);
  const status = await readMigrationStatus(async (sql) => (await database.query<{ name: string }>(sql)).rows);
  const schema = mayBeAhead ? { ...status, unknown: [] } : status;
  const faults = [
    judgeVersion(state),
    judgeEncoding(state),
    judgeWritable(state),
    judgeDurability(state),
    judgeSchema(schema),
  ].flat();
  if (faults.length > 0) throw new DatabaseUnfit(faults.map(faultText).join('\n'));
}
