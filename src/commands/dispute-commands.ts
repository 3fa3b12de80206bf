import { InvalidArgumentError, Option } from 'commander';
import { parseCode } from '@tax-control/protocol';
import { DISPUTE_DECISIONS } from '@tax-control/protocol/console';
import { shortText, wholeNumber } from './arguments.js';
import type { CommandGroup } from './command-group.js';
import type { ListDisputesOptions, SettleOptions } from './dispute-actions.js';

/** `tax-control dispute …`; what each does is in dispute-actions.ts. */
export const disputeCommands: CommandGroup = (program, perform, clock) => {
  const dispute = program
    .command('dispute')
    .description('list genuine receipts that contradict what is on file, and decide which stands');

  dispute
    .command('list')
    .description('list disputes that nobody has decided yet, the newest first')
    .option('--all', 'settled ones too')
    .option('--limit <rows>', 'at most so many; 100, if left out', wholeNumber)
    .addHelpText('after', '\nExample:\n  tax-control dispute list --all')
    .action(
      perform(async (options: ListDisputesOptions) => (await import('./dispute-actions.js')).listAllDisputes(options)),
    );

  dispute
    .command('settle')
    .description('decide a dispute, with a reason; both receipts stay kept')
    .argument('<code>', 'the code of the receipt that contradicts what is on file', code)
    .requiredOption('--on-file <code>', 'the code on file that it contradicts, as the list shows it', code)
    .addOption(
      new Option('--stands <which>', 'the right one of the two').choices(DISPUTE_DECISIONS).makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'why; kept with the decision', shortText)
    .addHelpText(
      'after',
      `
Nothing on file changes: no code is given or taken back. The dispute is no longer listed as open, and the audit names it as settled.
on_file: what is on file is right. receipt: the receipt is right. both: both were given. The same again changes nothing; another decision
takes the place of the one before, which stays in the audit trail.

Example:
  tax-control dispute settle '00000 00012 34567 89056' --on-file '00000 00012 34512 34510' --stands both --reason "the till's disk was set back too, case 17"`,
    )
    .action(
      perform(async (of: string, options: SettleOptions) =>
        (await import('./dispute-actions.js')).settle(of, options, clock),
      ),
    );
};

function code(text: string): string {
  const parsed = parseCode(text);
  if (parsed === null) throw new InvalidArgumentError('It must be the 20 digits of a code; compare them.');
  return parsed.code;
}
