import { judgeSchema } from '../../database/judge-schema.js';
import { readMigrationStatus } from '../../database/migrate.js';
import { check, failed, ok, warning } from './check.js';

/** Whether the tables are those that this version knows. */
export const migrationsCheck = check({
  name: 'migrations',
  needs: ['database'],
  look: async ({ database, settings }) => {
    const status = await readMigrationStatus(async (sql) => (await database.query<{ name: string }>(sql)).rows);
    const faults = judgeSchema(status);
    if (faults.length === 0)
      return [ok(`All ${status.applied.length} migrations that this version knows are applied.`)];
    // Whoever goes back to this version on purpose has said so; what is missing stays missing.
    const isMeant = status.unknown.length > 0 && settings?.database.migratedFurther === 'allow';
    return faults.map(({ seen, advice }) => (isMeant ? warning : failed)(seen, advice));
  },
});
