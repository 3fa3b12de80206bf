import { type Clock, isProblem, levyKind, type TaxRate } from '@tax-control/protocol';
import { Option } from 'commander';
import { date, identifier, ratePercent } from './arguments.js';
import type { CommandGroup } from './command-group.js';
import { done, misused, type Outcome, refusedBy } from './outcome.js';
import { table } from './table.js';

type LevyKind = NonNullable<TaxRate['levy']>;

interface AddOptions {
  readonly rate: string;
  readonly from: string;
  readonly until?: string;
  readonly levy?: LevyKind;
}

/** `tax-control tax-rate …` */
export const taxRateCommands: CommandGroup = (program, perform, clock) => {
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
    .action(perform((category: string, options: AddOptions) => add(category, options, clock)));

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
    .action(perform((category: string, options: { readonly from: string }) => remove(category, options, clock)));

  taxRate
    .command('list')
    .description('list tax rates, past and future ones included')
    .option('--category <category>', 'only those of this category', identifier)
    .addHelpText('after', '\nExample:\n  tax-control tax-rate list --category standard')
    .action(perform(list));
};

async function add(category: string, { rate, from, until, levy }: AddOptions, clock: Clock): Promise<Outcome> {
  const { withActs } = await import('./acts.js');
  const { rateInWords, TillRuleActs } = await import('../administration/till-rules.js');
  const taxRate: TaxRate = { category, rate, from, until: until ?? null, ...(levy !== undefined && { levy }) };
  return withActs(clock, async ({ acts, actor }) => {
    const added = await new TillRuleActs(acts).addRate(actor, taxRate);
    if (isProblem(added)) {
      if (added.code === 'period_backwards') return misused('--until must not be before --from.');
      return refusedBy(added, {
        rate_in_the_way: `${added.detail} See: tax-control tax-rate list --category ${category}`,
      });
    }
    return done(
      added,
      [
        `Added the rate ${rateInWords(added.taxRate)}.`,
        ...(added.ended === null ? [] : [`The rate before it now is ${rateInWords(added.ended)}.`]),
        publication(added.version),
      ].join('\n'),
    );
  });
}

async function remove(category: string, { from }: { readonly from: string }, clock: Clock): Promise<Outcome> {
  const { withActs } = await import('./acts.js');
  const { rateInWords, TillRuleActs } = await import('../administration/till-rules.js');
  return withActs(clock, async ({ acts, actor }) => {
    const taken = await new TillRuleActs(acts).removeRate(actor, category, from);
    if (isProblem(taken))
      return refusedBy(taken, {
        not_on_file: `No rate of ${category} begins on ${from}. See: tax-control tax-rate list --category ${category}`,
        rate_in_force:
          `The rate of ${category} from ${from} is or was in force and stays on record. ` +
          'Add the right one from tomorrow: tax-control tax-rate add',
      });
    const { taxRate: removed, reopened, version } = taken;
    return done(
      { removed, reopened, version },
      [
        `Took back the rate ${rateInWords(removed)}.`,
        ...(reopened === null ? [] : [`The rate before it now is ${rateInWords(reopened)}.`]),
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
