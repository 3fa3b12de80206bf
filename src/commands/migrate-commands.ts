import { faultText } from '../database/fault.js';
import type { CommandGroup } from './command-group.js';
import { done, type Outcome, refused, unavailable } from './outcome.js';

/** `tax-control migrate` */
export const migrateCommands: CommandGroup = (program, perform) => {
  program
    .command('migrate')
    .description('bring the database to the schema of this version, under a lock')
    .option('--status', 'only show how far the database is')
    .addHelpText(
      'after',
      `
DATABASE_URL must be of the migrator, who owns the tables; the server itself never migrates. Make a backup before.

Example:
  DATABASE_URL_FILE=/run/secrets/migrator-url tax-control migrate`,
    )
    .action(perform(migrateDatabase));
};

async function migrateDatabase({ status: onlyStatus }: { readonly status?: boolean }): Promise<Outcome> {
  const { readDatabaseSettings } = await import('../configuration/read-settings.js');
  const { migrate, migrationStatus } = await import('../database/migrate.js');
  const { url } = readDatabaseSettings();
  if (onlyStatus === true) {
    const status = await migrationStatus({ url });
    return done(
      status,
      [
        ...status.applied.map((name) => `applied  ${name}`),
        ...status.pending.map((name) => `pending  ${name}`),
        ...status.unknown.map((name) => `unknown  ${name} (of a later version of this program)`),
      ].join('\n'),
    );
  }
  const outcome = await migrate({ url });
  if (outcome.result === 'ahead')
    return refused(
      `The database was migrated by a later version of this program (it has ${outcome.unknown.join(', ')}). ` +
        'Run that version; how to go back to this one stands in docs/operating/upgrade.md.',
    );
  if (outcome.result === 'busy') return unavailable('Another migration is running. Wait for it, and try again.');
  if (outcome.result === 'unfit') return refused(outcome.faults.map(faultText).join(' '));
  const { applied } = outcome;
  const lines = applied.length === 0 ? ['The database is up to date.'] : applied.map((name) => `applied  ${name}`);
  return done({ applied }, lines.join('\n'));
}
