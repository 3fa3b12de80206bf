import { date, identifier, shortText, wholeNumber } from './arguments.js';
import type { CommandGroup } from './command-group.js';
import type { ApplyOptions } from './retention/apply-retention.js';

/** `tax-control retention …`; what each does is in retention/. */
export const retentionCommands: CommandGroup = (program, perform, clock) => {
  const retention = program
    .command('retention')
    .description('see how long what is kept, remove what is past its years, and hold what must stay');

  retention
    .command('list')
    .description('list the months of content, what was removed of them, and the legal holds')
    .addHelpText('after', '\nExample:\n  tax-control retention list --json')
    .action(perform(async () => (await import('./retention/list-retention.js')).listRetention()));

  retention
    .command('apply')
    .description('say what would be removed; with --confirm, remove it')
    .option('--confirm <day>', 'the day that `retention apply` names: what came before it goes', date)
    .option('--drop', 'delete for ever what is detached, by this and by earlier calls')
    .addHelpText(
      'after',
      `
Removes the content of invoices that arrived CONTENT_RETENTION_YEARS ago or earlier, month by month, the bytes of invoices that were
refused before then, and entries of the audit trail that are older than AUDIT_TRAIL_YEARS. The ledger stays: codes, receipts and sums
go on as before. Taxpayers under a legal hold keep everything. Content is detached first, into tables detached_content_… that no role
may read: dump them to an archive if you must keep one, then call it again with --drop. Invoices are issued meanwhile.
With --confirm it needs the log-in of the migrator.

Example:
  DATABASE_URL_FILE=/run/secrets/migrator-url tax-control retention apply --confirm 2016-11-01 --drop`,
    )
    .action(
      perform(async (options: ApplyOptions) =>
        (await import('./retention/apply-retention.js')).applyRetention(options, clock),
      ),
    );

  retention
    .command('hold')
    .description('keep everything of a taxpayer, whatever its age, until the hold is released')
    .argument('<taxpayer-id>', 'whose', identifier)
    .requiredOption('--reason <text>', 'why, by which order; kept with the hold', shortText)
    .addHelpText('after', '\nExample:\n  tax-control retention hold X1 --reason "tax court, case 17/2026"')
    .action(
      perform(async (taxpayerId: string, { reason }: { readonly reason: string }) =>
        (await import('./retention/legal-hold.js')).hold(taxpayerId, reason),
      ),
    );

  retention
    .command('release')
    .description('end one hold; others of the taxpayer stay in force')
    .argument('<hold>', 'its number, as `retention list` names it', wholeNumber)
    .requiredOption('--reason <text>', 'why; kept with the hold', shortText)
    .addHelpText('after', '\nExample:\n  tax-control retention release 3 --reason "case 17/2026 is closed"')
    .action(
      perform(async (holdId: number, { reason }: { readonly reason: string }) =>
        (await import('./retention/legal-hold.js')).release(holdId, reason),
      ),
    );
};
