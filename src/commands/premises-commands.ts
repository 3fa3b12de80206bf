import { type Clock, isProblem } from '@tax-control/protocol';
import type { Premises, PremisesDetails } from '../registry/taxpayers.js';
import { identifier, shortText } from './arguments.js';
import type { CommandGroup } from './command-group.js';
import { done, misused, type Outcome, refused, refusedBy } from './outcome.js';
import { table } from './table.js';

interface AddOptions extends PremisesDetails {
  readonly taxpayer: string;
}

/** `tax-control premises …` */
export const premisesCommands: CommandGroup = (program, perform, clock) => {
  const premises = program.command('premises').description('register, correct and list places of business');

  premises
    .command('add')
    .description('register premises of a taxpayer')
    .argument('<premises-id>', 'the number of the premises', identifier)
    .requiredOption('--taxpayer <taxpayer-id>', 'whose they are', identifier)
    .requiredOption('--name <name>', 'what they are called', shortText)
    .requiredOption('--region <region>', 'region by which statistics count', shortText)
    .requiredOption('--activity <activity>', 'line of business by which statistics count', shortText)
    .requiredOption('--address <address>', 'postal address', shortText)
    .addHelpText(
      'after',
      `
Example:
  tax-control premises add LONDON-1 --taxpayer GB123456789 --name "Corner Shop" --region London \\
    --activity retail --address "1 High Street, London"`,
    )
    .action(perform((premisesId: string, options: AddOptions) => add(premisesId, options, clock)));

  premises
    .command('correct')
    .description('correct what is known of premises; what is left out stays as it is')
    .argument('<premises-id>', 'the number of the premises', identifier)
    .option('--name <name>', 'what they are called', shortText)
    .option('--region <region>', 'region by which statistics count', shortText)
    .option('--activity <activity>', 'line of business by which statistics count', shortText)
    .option('--address <address>', 'postal address', shortText)
    .addHelpText(
      'after',
      `
Whose they are never changes: premises that another taxpayer takes over are new premises. With another region the sums of
earlier invoices move to it.

Example:
  tax-control premises correct LONDON-1 --name "Corner Shop & Sons" --address "2 High Street, London"`,
    )
    .action(perform((premisesId: string, options: Partial<PremisesDetails>) => correct(premisesId, options, clock)));

  premises
    .command('list')
    .description('list all premises, or those of one taxpayer')
    .option('--taxpayer <taxpayer-id>', 'only those of this taxpayer', identifier)
    .addHelpText('after', '\nExample:\n  tax-control premises list --taxpayer GB123456789')
    .action(perform(list));
};

async function add(
  premisesId: string,
  { taxpayer: taxpayerId, name, region, activity, address }: AddOptions,
  clock: Clock,
): Promise<Outcome> {
  const { withActs } = await import('./acts.js');
  const { ShopActs } = await import('../administration/shops.js');
  const premises: Premises = { premisesId, taxpayerId, name, region, activity, address };
  return withActs(clock, async ({ acts, actor }) => {
    const added = await new ShopActs(acts).addPremises(actor, premises);
    if (isProblem(added))
      return refusedBy(added, {
        taxpayer_unknown: `There is no taxpayer ${taxpayerId}. Register it first: tax-control taxpayer add ${taxpayerId} --name NAME`,
        exists_already: `The premises ${premisesId} are registered already. See: tax-control premises list`,
      });
    return done(added, `Registered the premises ${premisesId} of ${taxpayerId}.`);
  });
}

const DETAILS = ['name', 'region', 'activity', 'address'] as const;

async function correct(premisesId: string, options: Partial<PremisesDetails>, clock: Clock): Promise<Outcome> {
  const given = DETAILS.map((detail) => [detail, options[detail]] as const).filter(([, text]) => text !== undefined);
  const change: Partial<PremisesDetails> = Object.fromEntries(given);
  if (Object.keys(change).length === 0) return misused('Name at least one thing to correct. See --help.');
  const { withActs } = await import('./acts.js');
  const { ShopActs } = await import('../administration/shops.js');
  return withActs(clock, async ({ acts, actor }) => {
    const corrected = await new ShopActs(acts).correctPremises(actor, premisesId, change);
    if (isProblem(corrected))
      return refusedBy(corrected, {
        not_on_file: `There are no premises ${premisesId}. See: tax-control premises list`,
      });
    const { name, region, activity, address } = corrected;
    return done(
      { premisesId, ...corrected },
      `The premises ${premisesId} are: ${name}, ${region}, ${activity}, ${address}.`,
    );
  });
}

async function list({ taxpayer }: { readonly taxpayer?: string }): Promise<Outcome> {
  const { withDatabase } = await import('./operator-database.js');
  const { listPremises, listTaxpayers } = await import('../registry/taxpayers.js');
  return withDatabase(async (pool) => {
    const premises = await listPremises(pool, taxpayer);
    const isKnown = taxpayer === undefined || premises.length > 0;
    if (!isKnown && !(await listTaxpayers(pool)).some(({ taxpayerId }) => taxpayerId === taxpayer))
      return refused(`There is no taxpayer ${taxpayer}. See: tax-control taxpayer list`);
    return done(
      { premises },
      table(
        ['PREMISES', 'TAXPAYER', 'NAME', 'REGION', 'ACTIVITY', 'ADDRESS'],
        premises.map((one) => [one.premisesId, one.taxpayerId, one.name, one.region, one.activity, one.address]),
      ),
    );
  });
}
