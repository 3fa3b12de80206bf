import type { Pool } from 'pg';
import { readMigrationStatus } from './migrate.js';

/** The database may not be used as it is. The message says what is wrong and what to do; it holds no secrets. */
export class DatabaseUnfit extends Error {
  override readonly name = 'DatabaseUnfit';
}

interface DurabilitySettings {
  readonly fsync: string;
  readonly full_page_writes: string;
  readonly synchronous_commit: string;
  readonly synchronous_standby_names: string;
}

/**
 * Refuses a database that may forget what it has confirmed (I3), and one whose tables are not those that this version
 * knows. Settings can differ by role and database, so it asks in a session of the server's own.
 *
 * @param mayBeAhead a later version may have migrated it: so it is for a server that runs while others are upgraded
 * (docs/operating/upgrade.md)
 * @throws {@link DatabaseUnfit}; an outage comes as the driver's error
 */
export async function assertDatabaseFit(pool: Pool, { mayBeAhead }: { readonly mayBeAhead: boolean }): Promise<void> {
  const faults = [...(await durabilityFaults(pool)), ...(await schemaFaults(pool, mayBeAhead))];
  if (faults.length > 0) throw new DatabaseUnfit(faults.join('\n'));
}

async function durabilityFaults(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<DurabilitySettings>(
    `SELECT current_setting('fsync') AS fsync,
            current_setting('full_page_writes') AS full_page_writes,
            current_setting('synchronous_commit') AS synchronous_commit,
            current_setting('synchronous_standby_names') AS synchronous_standby_names`,
  );
  return rows.flatMap(judgeDurability);
}

/** One sentence for each setting with which a confirmed invoice could be lost. */
export function judgeDurability(settings: DurabilitySettings): string[] {
  const faults: string[] = [];
  for (const name of ['fsync', 'full_page_writes'] as const) {
    if (settings[name] === 'off') {
      faults.push(
        `The database has ${name} off: a power cut can destroy it. Set ${name} = on in postgresql.conf, reload, and start again.`,
      );
    }
  }
  const commit = settings.synchronous_commit;
  if (commit === 'off') {
    faults.push(
      'The database has synchronous_commit off: it confirms what it may lose. ' +
        'Set synchronous_commit = on (in postgresql.conf, or ALTER ROLE … SET for the login of the server) and start again.',
    );
  } else if (commit === 'local' && settings.synchronous_standby_names !== '') {
    faults.push(
      'The database has synchronous standbys, but synchronous_commit is local: a failover loses what was confirmed. ' +
        'Set synchronous_commit = on, or take synchronous_standby_names away if the standbys are not meant to take over.',
    );
  }
  return faults;
}

async function schemaFaults(pool: Pool, mayBeAhead: boolean): Promise<string[]> {
  const status = await readMigrationStatus(async (sql) => (await pool.query<{ name: string }>(sql)).rows);
  if (status.unknown.length > 0 && !mayBeAhead) {
    return [
      `The database was migrated by a later version of this program (it has ${status.unknown.join(', ')}). Run that version; how to go back to this one stands in docs/operating/upgrade.md.`,
    ];
  }
  if (status.pending.length > 0) {
    return [
      `The database lacks ${status.pending.length} migrations (${status.pending.join(', ')}). Run npm run migrate as the migrator, then start again.`,
    ];
  }
  return [];
}
