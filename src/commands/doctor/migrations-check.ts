import { judgeSchema } from '../../database/judge-schema.js';
import { readMigrationStatus } from '../../database/migrate.js';
import { check, failed, ok } from './check.js';

/** Whether the tables are those that this version knows. */
export const migrationsCheck = check({
  name: 'migrations',
  needs: ['database'],
  look: async ({ database }) => {
    const status = await readMigrationStatus(async (sql) => (await database.query<{ name: string }>(sql)).rows);
    const faults = judgeSchema(status);
    return faults.length > 0
      ? faults.map(({ seen, advice }) => failed(seen, advice))
      : [ok(`All ${status.applied.length} migrations that this version knows are applied.`)];
  },
});
