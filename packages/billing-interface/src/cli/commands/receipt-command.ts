import type { Command } from 'commander';
import { Option } from 'commander';
import { PRINTER_PROFILE_DEFAULT, PRINTER_PROFILE_NAMES, type PrinterProfile } from '../../receipt/printer-profiles.js';
import { receiptEscPos } from '../../receipt/receipt-escpos.js';
import { RECEIPT_COLUMNS, receiptText } from '../../receipt/receipt-text.js';
import { RECEIPT_LANGUAGES, type ReceiptLanguage } from '../../receipt/words.js';
import type { CommandContext } from '../context.js';
import { CommandFailure, EXIT_STATUSES } from '../exit-status.js';
import { COLUMNS_DEFAULT, columnsOf } from '../receipt-options.js';
import { writeNamedFile } from '../till-access.js';
import { type TillOptions, withTill, withTillOptions } from '../till-options.js';

interface ReceiptOptions extends Omit<TillOptions, 'json'> {
  readonly columns: string;
  readonly language: ReceiptLanguage;
  readonly escpos?: 'native' | 'raster';
  readonly printer: PrinterProfile;
  readonly screen?: true;
  readonly reprint?: true;
  readonly output?: string;
}

export function addReceiptCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('receipt')
    .summary('print the receipt of a sale, as it stands now')
    .argument('<sale-id>', 'the key under which it was sold');
  withTillOptions(command)
    .addOption(
      new Option('-c, --columns <columns>', 'of the paper')
        .choices(RECEIPT_COLUMNS.map(String))
        .default(String(COLUMNS_DEFAULT)),
    )
    .addOption(new Option('-l, --language <language>', 'of the receipt').choices(RECEIPT_LANGUAGES).default('en'))
    .addOption(
      new Option('--escpos <qr>', 'bytes for an ESC/POS printer, the QR made by the printer or as a picture').choices([
        'native',
        'raster',
      ]),
    )
    .addOption(
      new Option('--printer <profile>', 'whose code pages the ESC/POS printer has')
        .choices(PRINTER_PROFILE_NAMES)
        .default(PRINTER_PROFILE_DEFAULT),
    )
    .option('--screen', 'the QR for light letters on a dark screen')
    .option('--reprint', 'say on the receipt that it was printed again')
    .option('-o, --output <file>', 'write there, e.g. to /dev/usb/lp0')
    .addHelpText(
      'after',
      `
Examples:
  tax-terminal receipt 2026-0017 --directory /var/lib/till/till-7 --columns 42
  tax-terminal receipt 2026-0017 -d /var/lib/till/till-7 --escpos native --output /dev/usb/lp0`,
    )
    .action((saleId: string, options: ReceiptOptions) => print(context, saleId, options));
}

async function print(context: CommandContext, saleId: string, options: ReceiptOptions): Promise<void> {
  const sale = await withTill(context, options, (till) => till.lookUp(saleId));
  if (sale === null)
    throw new CommandFailure(EXIT_STATUSES.failed, `No sale ${saleId} was signed by this till. Compare the id.`);
  if (sale.result !== 'issued' && sale.result !== 'stored_offline') {
    const why = sale.result === 'refused' ? sale.problem.detail : sale.detail;
    throw new CommandFailure(
      EXIT_STATUSES.failed,
      `There is no receipt of sale ${saleId}, which is ${sale.result}. ${why}`,
    );
  }
  const { language, escpos, printer, reprint = false } = options;
  const shared = { columns: columnsOf(options.columns), language, reprint };
  const printed =
    escpos === undefined
      ? receiptText(sale, { ...shared, qr: options.screen ? 'screen' : 'paper' })
      : receiptEscPos(sale, { ...shared, qr: escpos, printer });
  if (options.output === undefined) context.io.stdout.write(printed);
  else writeNamedFile(options.output, printed);
}
