import type { Command } from 'commander';
import { Option } from 'commander';
import type { InvoiceDraft, SaleResult } from '../../api.js';
import { SALE_STATUSES } from '../../agent/sale-status.js';
import { isSaleId, SALE_ID_LENGTH_MAX } from '../../draft/sale-id.js';
import { readDraft } from '../../draft/read-draft.js';
import { RECEIPT_COLUMNS, receiptText } from '../../receipt/receipt-text.js';
import { RECEIPT_LANGUAGES, type ReceiptLanguage } from '../../receipt/words.js';
import type { CommandContext } from '../context.js';
import { EXIT_STATUSES, type ExitStatus } from '../exit-status.js';
import { describeSale } from '../print.js';
import { columnsOf } from '../receipt-options.js';
import { readStandardInput, writeJson, writeLine } from '../terminal-io.js';
import { readNamedFile } from '../till-access.js';
import { softwareOption, type TillOptions, usage, withTill, withTillOptions } from '../till-options.js';

interface IssueOptions extends TillOptions {
  readonly saleId: string;
  readonly receipt?: string;
  readonly language: ReceiptLanguage;
}

export function addIssueCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('issue')
    .summary('sell: sign a sale, keep it safely, fetch its tax control code')
    .description(
      'Reads the sale as JSON from a file or from standard input. Without a line it is stored, and its code comes later.',
    )
    .argument('[file]', 'the sale as JSON; - for standard input', '-')
    .requiredOption('-s, --sale-id <id>', 'your own key of the sale: the same id and sale give the same answer');
  withTillOptions(command)
    .addOption(softwareOption())
    .addOption(new Option('-r, --receipt <columns>', 'print the receipt, too').choices(RECEIPT_COLUMNS.map(String)))
    .addOption(new Option('-l, --language <language>', 'of the receipt').choices(RECEIPT_LANGUAGES).default('en'))
    .addHelpText(
      'after',
      `
Examples:
  tax-terminal issue --directory /var/lib/till/till-7 --sale-id 2026-0017 sale.json
  tax-terminal issue -d /var/lib/till/till-7 -s 2026-0017 --receipt 42 < sale.json`,
    )
    .action((file: string, options: IssueOptions) => issue(context, file, options));
}

async function issue(context: CommandContext, file: string, options: IssueOptions): Promise<void> {
  const { io } = context;
  const { saleId } = options;
  if (!isSaleId(saleId))
    throw usage(`--sale-id takes 1 to ${SALE_ID_LENGTH_MAX} characters without control characters.`);
  if (file === '-' && io.stdin.isTTY) io.stderr.write('Type the sale as JSON, then Ctrl-D.\n');
  const reading = readDraft(file === '-' ? await readStandardInput(io) : readNamedFile(file));
  const result: SaleResult = reading.ok
    ? await withTill(context, options, (till) => till.issue(saleId, reading.draft satisfies InvoiceDraft))
    : { result: 'invalid', saleId, detail: reading.problem.detail, problem: reading.problem };
  context.status = exitStatusOf(result);
  if (options.json) writeJson(io, result);
  else writeLine(context.status === EXIT_STATUSES.ok ? io.stdout : io.stderr, describeSale(result));
  if (options.receipt !== undefined && (result.result === 'issued' || result.result === 'stored_offline'))
    (options.json ? io.stderr : io.stdout).write(
      `\n${receiptText(result, { columns: columnsOf(options.receipt), language: options.language })}`,
    );
}

/** Stored offline is done: the customer has paid, and the code comes by itself. */
function exitStatusOf({ result }: SaleResult): ExitStatus {
  if (result === 'journal_unavailable') return EXIT_STATUSES.journalUnavailable;
  return SALE_STATUSES[result] < 400 ? EXIT_STATUSES.ok : EXIT_STATUSES.failed;
}
