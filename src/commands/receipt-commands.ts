import { Option } from 'commander';
import { invoiceSchema } from '@tax-control/protocol';
import { identifier, shortText, wholeNumber } from './arguments.js';
import type { CommandGroup } from './command-group.js';
import type { ListReceiptsOptions, TakeInOptions } from './receipt-actions.js';

/** `tax-control receipt …`; what each does is in receipt-actions.ts. */
export const receiptCommands: CommandGroup = (program, perform, clock) => {
  const receipt = program
    .command('receipt')
    .description('take in receipts that only customers have, after a restore, and list them');

  receipt
    .command('take-in')
    .description('account for a number whose till is gone for good, by the receipt that a customer has')
    .argument('[file]', 'the receipt as the server signed it (JWS); left out where there is only the paper')
    .requiredOption('--reason <text>', 'who brought it and why; kept with the receipt', shortText)
    .option('--dry-run', 'say what would become of it, and store nothing')
    .option('--code <code>', 'of the paper: the tax control code, or the text of its QR', shortText)
    .option('--terminal <terminal-id>', 'of the paper: the till', identifier)
    .option('--counter <number>', 'of the paper: the counter', wholeNumber)
    .option('--sold-at <time>', "of the paper: the time with its offset, like '2026-11-22 18:21:07+08:00'", shortText)
    .option('--total <amount>', 'of the paper: the total, like 18.95; below zero: --total=-18.95', shortText)
    .option('--currency <currency>', 'of the paper: the currency, like GBP', shortText)
    .addOption(new Option('--kind <kind>', 'of the paper').choices(invoiceSchema.properties.kind.enum).default('sale'))
    .addOption(
      new Option('--type <type>', 'of the paper').choices(invoiceSchema.properties.type.enum).default('normal'),
    )
    .addHelpText(
      'after',
      `
The server's signature proves a receipt; of a paper the code proves what is printed beside it, but for one invention in a million. The receipt
is kept without content: its number is accounted for, /v says that it is known by its receipt alone, and no sums count it. If its till or its
journal turns up later, the invoice takes the place of the receipt. The terminal must be registered. The same again changes nothing.
It needs KEYS_DIRECTORY.

Exit status: 0 its number is accounted for, 1 the receipt was refused, or contradicts what is on file (then both are kept).

Example:
  tax-control receipt take-in receipt.jws --reason "brought by the customer, case 17"
  tax-control receipt take-in --code '00000 00012 34567 89056' --terminal till-7 --counter 17 \\
    --sold-at '2026-11-22 18:21:07+00:00' --total 18.95 --currency GBP --reason "brought by the customer, case 17"`,
    )
    .action(
      perform(async (file: string | undefined, options: TakeInOptions) =>
        (await import('./receipt-actions.js')).takeIn(file, options, clock),
      ),
    );

  receipt
    .command('list')
    .description('list the receipts that are all that is known of their numbers, the newest first')
    .option('--terminal <terminal-id>', 'only of this till', identifier)
    .option('--limit <rows>', 'at most so many; 100, if left out', wholeNumber)
    .addHelpText('after', '\nExample:\n  tax-control receipt list --terminal till-7')
    .action(
      perform(async (options: ListReceiptsOptions) => (await import('./receipt-actions.js')).listReceipts(options)),
    );
};
