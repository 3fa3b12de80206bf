import type { CommandGroup } from './command-group.js';
import { done, type Outcome } from './outcome.js';

/** `tax-control statistics …` */
export const statisticsCommands: CommandGroup = (program, perform) => {
  const statistics = program.command('statistics').description('look after the sums that reports are made of');

  statistics
    .command('rebuild')
    .description('make the sums anew, after a database was restored from a dump or filled by hand')
    .addHelpText(
      'after',
      `
A dump (pg_dump, pg_restore) carries transaction numbers of the old cluster, by which the sums are kept up; a restored
copy of the whole cluster does not need this. Servers may run meanwhile: uploads of transaction logs wait for a part of
it, and reports are slow until it is through.

Example:
  DATABASE_URL_FILE=/run/secrets/operator-url tax-control statistics rebuild`,
    )
    .action(perform(rebuild));
};

async function rebuild(): Promise<Outcome> {
  const { withDatabase } = await import('./operator-database.js');
  const { rebuildStatistics } = await import('../log-analytics/rebuild.js');
  return withDatabase(async (pool) => {
    const rebuilt = await rebuildStatistics(pool);
    return done(
      rebuilt,
      `Made the sums anew of all attempts and of ${rebuilt.invoices} invoices, issued or refused` +
        (rebuilt.adopted === 0 ? '.' : `; ${rebuilt.adopted} of them came from another cluster.`),
    );
  });
}
