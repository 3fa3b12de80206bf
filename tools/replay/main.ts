import { Command, InvalidArgumentError } from 'commander';
import { startStageBars } from '../screen/stage-bars.js';
import { EXIT_USAGE, runTool } from '../screen/run-tool.js';
import { paintFor } from '../screen/style.js';
import { Things } from '../screen/things.js';
import { parseDuration } from './duration.js';
import { readShopData, ShopDataError } from './read-shop-data.js';
import { faultsOf, reportLines, reportObject } from './report-lines.js';
import { type ReplayOptions, runReplay } from './run-replay.js';
import type { ShopInvoice } from './shop-invoice.js';

interface Flags {
  readonly tills: number;
  readonly outage: number;
  readonly vat: string;
  readonly json: boolean;
}

/** Each till is a journal, a key and a connection of its own in one process. */
const TILLS_MAX = 50;

await new Command('npm run replay --')
  .description(
    'Sells a shop’s real invoices through real billing interfaces, with an outage in the middle, and sums up.',
  )
  .argument(
    '<file.csv...>',
    'columns InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country',
  )
  .option('--tills <count>', 'how many tills sell', parseTills, 5)
  .option('--outage <duration>', 'how long the server is gone, like 10s; 0s for none', parseOutage, 10_000)
  .option('--vat <percent>', 'rate that the prices are taken to include', parseRate, '20')
  .option('--json', 'the last line of standard output is one JSON object', false)
  .addHelpText('after', '\nExit status: 0 all is on file, 1 something is not, 2 wrong usage, 130 interrupted.')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE))
  .action(replay)
  .parseAsync();

async function replay(files: readonly string[], { tills, outage: outageMs, vat: vatRate, json }: Flags): Promise<void> {
  const paint = paintFor(process.stdout, process.env);
  const print = (...lines: readonly string[]): void => void process.stdout.write(`${lines.join('\n')}\n`);
  const progress = startStageBars(process.stderr);
  const things = new Things();
  const invoices = (await readAll(files)).flat();
  await runTool({
    name: 'replay',
    say: (sentence) => {
      progress.end();
      process.stderr.write(`${sentence}\n`);
    },
    things,
    run: async (folder) => {
      print(
        `${invoices.length} invoices of ${files.length} files, ${tills} tills, ${outageMs / 1_000} s without server`,
        '',
      );
      const onProgress: ReplayOptions['onProgress'] = (...stage) => progress.show(...stage);
      const result = await runReplay({ invoices, tills, outageMs, vatRate, folder, things, onProgress });
      progress.end();
      print(...reportLines(result, vatRate, paint));
      return {
        isWell: faultsOf(result).length === 0,
        lastLine: json ? JSON.stringify(reportObject(result, vatRate)) : null,
      };
    },
  });
}

/** What cannot be read is wrong usage: nothing was begun. */
async function readAll(files: readonly string[]): Promise<ShopInvoice[][]> {
  try {
    return await Promise.all(files.map(readShopData));
  } catch (error) {
    if (!(error instanceof ShopDataError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(EXIT_USAGE);
  }
}

function parseTills(text: string): number {
  const tills = Number(text);
  if (!Number.isInteger(tills) || tills < 1 || tills > TILLS_MAX)
    throw new InvalidArgumentError(`It must be a number from 1 to ${TILLS_MAX}.`);
  return tills;
}

function parseOutage(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === null) throw new InvalidArgumentError('It must be a duration like 10s, 500ms or 2m.');
  return milliseconds;
}

function parseRate(text: string): string {
  if (!/^(0|[1-9][0-9]?)(\.[0-9]{1,4})?$/.test(text))
    throw new InvalidArgumentError('It must be a percentage like 20 or 17.5.');
  return text;
}
