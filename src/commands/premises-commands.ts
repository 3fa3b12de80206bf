import type { Premises } from '../registry/taxpayers.js';
import { identifier, shortText } from './arguments.js';
import type { CommandGroup } from './command-group.js';
import { done, type Outcome, refused } from './outcome.js';
import { table } from './table.js';

interface AddOptions extends Omit<Premises, 'premisesId' | 'taxpayerId'> {
  readonly taxpayer: string;
}

/** `tax-control premises …` */
export const premisesCommands: CommandGroup = (program, perform) => {
  const premises = program.command('premises').description('register and list places of business');

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
    .action(perform(add));

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
): Promise<Outcome> {
  const { withDatabase } = await import('./operator-database.js');
  const { inTransaction } = await import('../database/transaction.js');
  const { addPremises } = await import('../registry/taxpayers.js');
  const { recordCommand } = await import('./record-command.js');
  const premises: Premises = { premisesId, taxpayerId, name, region, activity, address };
  return withDatabase((pool) =>
    inTransaction(pool, async (client) => {
      const result = await addPremises(client, premises);
      if (result === 'taxpayer_unknown')
        return refused(
          `There is no taxpayer ${taxpayerId}. Register it first: tax-control taxpayer add ${taxpayerId} --name NAME`,
        );
      if (result === 'exists')
        return refused(`The premises ${premisesId} are registered already. See: tax-control premises list`);
      await recordCommand(client, { action: 'premises.added', subject: premisesId, facts: { taxpayerId, region } });
      return done(premises, `Registered the premises ${premisesId} of ${taxpayerId}.`);
    }),
  );
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
