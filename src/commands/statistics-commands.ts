import type { CommandGroup } from './command-group.js';
import { done, type Outcome } from './outcome.js';

/** `tax-control statistics …` */
export const statisticsCommands: CommandGroup = (program, perform) => {
  const statistics = program.command('statistics').description('look after the sums that reports are made of');

  statistics
    .command('rebuild')
    .description('make the sums of the ledger anew, after a database was restored from a dump')
    .addHelpText(
      'after',
      `
A dump (pg_dump, pg_restore) carries transaction numbers of the old cluster, by which the sums are kept up; a restored
copy of the whole cluster does not need this. Servers may run meanwhile; their reports are slow until it is through.

Example:
  DATABASE_URL_FILE=/run/secrets/operator-url tax-control statistics rebuild`,
    )
    .action(perform(rebuild));
};

async function rebuild(): Promise<Outcome> {
  const { withDatabase } = await import('./operator-database.js');
  const { rebuildInvoiceStatistics } = await import('../log-analytics/invoices/rebuild.js');
  return withDatabase(async (pool) => {
    const rebuilt = await rebuildInvoiceStatistics(pool);
    return done(
      rebuilt,
      `Made the sums anew of ${rebuilt.invoices} invoices, issued or refused` +
        (rebuilt.adopted === 0 ? '.' : `; ${rebuilt.adopted} of them came from another cluster.`),
    );
  });
}
