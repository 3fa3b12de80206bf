import { readMigrationStatus } from '../../database/migrate.js';
import { check, failed, ok } from './check.js';

/** Whether the tables are those that this version knows. */
export const migrationsCheck = check({
  name: 'migrations',
  needs: ['database'],
  look: async ({ database }) => {
    const status = await readMigrationStatus(async (sql) => (await database.query<{ name: string }>(sql)).rows);
    if (status.unknown.length > 0)
      return [
        failed(
          `The database was migrated by a later version of this program: ${status.unknown.join(', ')}.`,
          'Run that version, or restore a backup made before.',
        ),
      ];
    if (status.pending.length > 0)
      return [
        failed(
          `The database lacks ${status.pending.length} migrations: ${status.pending.join(', ')}.`,
          'Make a backup, then run as the migrator: tax-control migrate',
        ),
      ];
    return [ok(`All ${status.applied.length} migrations that this version knows are applied.`)];
  },
});
