import { Option } from 'commander';
import { HANDED_RESULTS } from '@tax-control/protocol/console';
import { identifier, shortText, wholeNumber } from './arguments.js';
import type { CommandGroup } from './command-group.js';
import type { ImportJournalOptions, ListJournalsOptions, ShowJournalOptions } from './journal-actions.js';

/** `tax-control journal …`; what each does is in journal-actions.ts. */
export const journalCommands: CommandGroup = (program, perform, clock) => {
  const journal = program
    .command('journal')
    .description('take in the exported journals of tills that can send no more, and see what became of them');

  journal
    .command('import')
    .description('hand a journal to the servers, and wait until they have taken it in')
    .argument('<file>', 'written by: tax-terminal export')
    .requiredOption('--reason <text>', 'who brought it and why; kept with the journal', shortText)
    .option('--dry-run', 'say what would become of each invoice, and take nothing in')
    .option('--incomplete', 'take in what there is of a file that is cut or changed')
    .option('--no-wait', 'hand it over, and do not wait')
    .addHelpText(
      'after',
      `
The till may be revoked, suspended or dead. Its terminal must be registered, here. An invoice with a receipt comes back as it was, one without
gets its code as at the late door, one that is on file stays as it is. New sales go first. The same file again changes nothing, and tries at
once what was deferred. A server must run.

Exit status: 0 every invoice is on file now, 1 some were refused or the file was, 3 some were deferred (the servers try them again by themselves)
or no server took the journal in yet.

Example:
  tax-control journal import till-7.jsonl --reason "brought by the shop, till 7 was stolen and found"`,
    )
    .action(
      perform(async (file: string, options: ImportJournalOptions) =>
        (await import('./journal-actions.js')).importJournal(file, options, clock),
      ),
    );

  journal
    .command('list')
    .description('list journals that were handed in, the newest first')
    .option('--terminal <terminal-id>', 'only of this till', identifier)
    .option('--limit <rows>', 'rows of a page; 50, if left out', wholeNumber)
    .option('--before <id>', 'only those that were handed in before this one', wholeNumber)
    .addHelpText('after', '\nExample:\n  tax-control journal list --terminal LONDON-1-A')
    .action(
      perform(async (options: ListJournalsOptions) => (await import('./journal-actions.js')).listJournals(options)),
    );

  journal
    .command('show')
    .description('show what became of a journal and of its invoices')
    .argument('<id>', 'its number, as `journal list` names it', wholeNumber)
    .addOption(new Option('--result <result>', 'list the invoices of which this became').choices(HANDED_RESULTS))
    .option('--limit <rows>', 'invoices of a page; 100, if left out', wholeNumber)
    .option('--after <line>', 'only invoices behind this line of the file', wholeNumber)
    .addHelpText('after', '\nExample:\n  tax-control journal show 3 --result refused')
    .action(
      perform(async (id: number, options: ShowJournalOptions) =>
        (await import('./journal-actions.js')).showJournal(id, options),
      ),
    );
};
