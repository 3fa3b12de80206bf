import { identifier, shortText } from './arguments.js';
import type { CommandGroup } from './command-group.js';
import { done, type Outcome, refused } from './outcome.js';
import { table } from './table.js';

/** `tax-control taxpayer …` */
export const taxpayerCommands: CommandGroup = (program, perform) => {
  const taxpayer = program.command('taxpayer').description('register and list taxpayers');

  taxpayer
    .command('add')
    .description('register a taxpayer')
    .argument('<taxpayer-id>', 'the taxpayer’s number', identifier)
    .requiredOption('--name <name>', 'name of the taxpayer', shortText)
    .addHelpText('after', '\nExample:\n  tax-control taxpayer add GB123456789 --name "Corner Shop Ltd"')
    .action(perform(add));

  taxpayer
    .command('list')
    .description('list all taxpayers')
    .addHelpText('after', '\nExample:\n  tax-control taxpayer list --json')
    .action(perform(list));
};

async function add(taxpayerId: string, { name }: { readonly name: string }): Promise<Outcome> {
  const { withDatabase } = await import('./operator-database.js');
  const { inTransaction } = await import('../database/transaction.js');
  const { addTaxpayer } = await import('../registry/taxpayers.js');
  const { recordCommand } = await import('./record-command.js');
  return withDatabase((pool) =>
    inTransaction(pool, async (client) => {
      const result = await addTaxpayer(client, { taxpayerId, name });
      if (result === 'exists')
        return refused(`The taxpayer ${taxpayerId} is registered already. See: tax-control taxpayer list`);
      await recordCommand(client, { action: 'taxpayer.added', subject: taxpayerId, facts: { name } });
      return done({ taxpayerId, name }, `Registered the taxpayer ${taxpayerId} (${name}).`);
    }),
  );
}

async function list(): Promise<Outcome> {
  const { withDatabase } = await import('./operator-database.js');
  const { listTaxpayers } = await import('../registry/taxpayers.js');
  return withDatabase(async (pool) => {
    const taxpayers = await listTaxpayers(pool);
    return done(
      { taxpayers },
      table(
        ['TAXPAYER', 'NAME'],
        taxpayers.map(({ taxpayerId, name }) => [taxpayerId, name]),
      ),
    );
  });
}
