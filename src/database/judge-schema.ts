import type { Fault } from './fault.js';
import type { MigrationStatus } from './migrate.js';

/** Whether the tables are those that this version knows. */
export function judgeSchema({ pending, unknown }: Pick<MigrationStatus, 'pending' | 'unknown'>): Fault[] {
  if (unknown.length > 0)
    return [
      {
        seen: `The database was migrated by a later version of this program (it has ${unknown.join(', ')}).`,
        advice: 'Run that version; how to go back to this one stands in docs/operating/upgrade.md.',
      },
    ];
  if (pending.length > 0)
    return [
      {
        seen: `The database lacks ${pending.length} migrations (${pending.join(', ')}).`,
        advice: 'Make a backup, then run as the migrator: tax-control migrate',
      },
    ];
  return [];
}
