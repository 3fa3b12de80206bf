import { levyKind, type TaxRate } from '@tax-control/protocol';
import { Option } from 'commander';
import { date, identifier, ratePercent } from './arguments.js';
import type { CommandGroup } from './command-group.js';
import { done, misused, type Outcome, refused } from './outcome.js';
import { table } from './table.js';

type LevyKind = NonNullable<TaxRate['levy']>;

interface AddOptions {
  readonly rate: string;
  readonly from: string;
  readonly until?: string;
  readonly levy?: LevyKind;
}

/** `tax-control tax-rate …` */
export const taxRateCommands: CommandGroup = (program, perform) => {
  const taxRate = program.command('tax-rate').description('add, take back and list tax rates');

  taxRate
    .command('add')
    .description('add a tax rate; tills learn of it as a new version of the parameters')
    .argument('<category>', 'category of goods, as tills name it on lines', identifier)
    .requiredOption('--rate <percent>', 'the rate in per cent', ratePercent)
    .requiredOption('--from <day>', 'first business day', date)
    .option('--until <day>', 'last business day, inclusive; open, if left out', date)
    .addOption(
      new Option(
        '--levy <sort>',
        'a levy, charged beside the tax of a line’s category; taxed: that tax is charged on the levy, too',
      ).choices(levyKind.enum),
    )
    .addHelpText(
      'after',
      `
An open rate of the same category ends on the day before the new one begins.

Example:
  tax-control tax-rate add standard --rate 20 --from 2026-01-01
  tax-control tax-rate add city --rate 3 --from 2026-01-01 --levy untaxed`,
    )
    .action(perform(add));

  taxRate
    .command('remove')
    .description('take back a rate that is not in force anywhere yet')
    .argument('<category>', 'category of goods', identifier)
    .requiredOption('--from <day>', 'first business day of the rate', date)
    .addHelpText(
      'after',
      `
The rate that ended for its sake goes on. A rate that is in force stays on record: add the right one from tomorrow.

Example:
  tax-control tax-rate remove standard --from 2027-01-01`,
    )
    .action(perform(remove));

  taxRate
    .command('list')
    .description('list tax rates, past and future ones included')
    .option('--category <category>', 'only those of this category', identifier)
    .addHelpText('after', '\nExample:\n  tax-control tax-rate list --category standard')
    .action(perform(list));
};

async function add(
  category: string,
  { rate, from, until = null, levy }: Omit<AddOptions, 'until'> & { until?: string | null },
): Promise<Outcome> {
  if (until !== null && until < from) return misused('--until must not be before --from.');
  const { withDatabase } = await import('./operator-database.js');
  const { inTransaction } = await import('../database/transaction.js');
  const { addTaxRate } = await import('../registry/parameters-store.js');
  const { recordCommand } = await import('./record-command.js');
  const ofLevy = levy === undefined ? {} : { levy };
  const wanted: TaxRate = { category, rate, from, until, ...ofLevy };
  return withDatabase(async (pool) => {
    const fit = await inTransaction(pool, async (client) => {
      const added = await addTaxRate(client, wanted);
      if (added.fits)
        await recordCommand(client, {
          action: 'tax_rate.added',
          subject: category,
          facts: { rate, from, until, ...ofLevy },
        });
      return added;
    });
    if (!fit.fits)
      return refused(
        `The rate ${describe(fit.inTheWay)} is in the way. Choose days on which ${category} has no rate yet: ` +
          `tax-control tax-rate list --category ${category}`,
      );
    return done(
      { taxRate: fit.rate, ended: fit.ended, version: fit.version },
      [
        `Added the rate ${describe(fit.rate)}.`,
        ...(fit.ended === null ? [] : [`The rate before it now is ${describe(fit.ended)}.`]),
        publication(fit.version),
      ].join('\n'),
    );
  });
}

async function remove(category: string, { from }: { readonly from: string }): Promise<Outcome> {
  const { withDatabase } = await import('./operator-database.js');
  const { inTransaction } = await import('../database/transaction.js');
  const { removeTaxRate } = await import('../registry/parameters-store.js');
  const { recordCommand } = await import('./record-command.js');
  return withDatabase(async (pool) => {
    const outcome = await inTransaction(pool, async (client) => {
      const taken = await removeTaxRate(client, category, from);
      if (taken.result !== 'unknown' && taken.result !== 'in_force')
        await recordCommand(client, { action: 'tax_rate.removed', subject: category, facts: { from } });
      return taken;
    });
    if (outcome.result === 'unknown')
      return refused(`No rate of ${category} begins on ${from}. See: tax-control tax-rate list --category ${category}`);
    if (outcome.result === 'in_force')
      return refused(
        `The rate of ${category} from ${from} is or was in force and stays on record. ` +
          'Add the right one from tomorrow: tax-control tax-rate add',
      );
    const { removed, reopened, version } = outcome;
    return done(
      { removed, reopened, version },
      [
        `Took back the rate ${describe(removed)}.`,
        ...(reopened === null ? [] : [`The rate before it now is ${describe(reopened)}.`]),
        publication(version),
      ].join('\n'),
    );
  });
}

async function list({ category }: { readonly category?: string }): Promise<Outcome> {
  const { withDatabase } = await import('./operator-database.js');
  const { listTaxRates } = await import('../registry/parameters-store.js');
  return withDatabase(async (pool) => {
    const taxRates = await listTaxRates(pool, category);
    return done(
      { taxRates },
      table(
        ['CATEGORY', 'PER CENT', 'FROM', 'UNTIL', 'LEVY'],
        taxRates.map((one) => [one.category, one.rate, one.from, one.until ?? 'open', one.levy ?? '']),
      ),
    );
  });
}

function publication(version: number | null): string {
  return version === null
    ? 'Tills learn of it when parameters are published: tax-control parameters set'
    : `Published as version ${version} of the parameters.`;
}

function describe({ category, rate, from, until }: TaxRate): string {
  return `${category} ${rate} % from ${from}${until === null ? '' : ` until ${until}`}`;
}
