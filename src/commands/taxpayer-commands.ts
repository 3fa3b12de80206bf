import { type Clock, isProblem } from '@tax-control/protocol';
import type { Taxpayer } from '../registry/taxpayers.js';
import { identifier, shortText } from './arguments.js';
import type { CommandGroup } from './command-group.js';
import { done, type Outcome, refusedBy } from './outcome.js';
import { table } from './table.js';

type NameOptions = Pick<Taxpayer, 'name'>;

/** `tax-control taxpayer …` */
export const taxpayerCommands: CommandGroup = (program, perform, clock) => {
  const taxpayer = program.command('taxpayer').description('register, rename and list taxpayers');

  taxpayer
    .command('add')
    .description('register a taxpayer')
    .argument('<taxpayer-id>', 'the taxpayer’s number', identifier)
    .requiredOption('--name <name>', 'name of the taxpayer', shortText)
    .addHelpText('after', '\nExample:\n  tax-control taxpayer add GB123456789 --name "Corner Shop Ltd"')
    .action(perform((taxpayerId: string, options: NameOptions) => add({ taxpayerId, ...options }, clock)));

  taxpayer
    .command('rename')
    .description('give a taxpayer another name')
    .argument('<taxpayer-id>', 'the taxpayer’s number', identifier)
    .requiredOption('--name <name>', 'the new name', shortText)
    .addHelpText(
      'after',
      `
The number stays for ever. Receipts show the new name from now on.

Example:
  tax-control taxpayer rename GB123456789 --name "Corner Shop & Sons Ltd"`,
    )
    .action(perform((taxpayerId: string, options: NameOptions) => rename({ taxpayerId, ...options }, clock)));

  taxpayer
    .command('list')
    .description('list all taxpayers')
    .addHelpText('after', '\nExample:\n  tax-control taxpayer list --json')
    .action(perform(list));
};

async function add(taxpayer: Taxpayer, clock: Clock): Promise<Outcome> {
  const { withActs } = await import('./acts.js');
  const { ShopActs } = await import('../administration/shops.js');
  const { taxpayerId, name } = taxpayer;
  return withActs(clock, async ({ acts, actor }) => {
    const added = await new ShopActs(acts).addTaxpayer(actor, taxpayer);
    if (isProblem(added))
      return refusedBy(added, {
        exists_already: `The taxpayer ${taxpayerId} is registered already. See: tax-control taxpayer list`,
      });
    return done(added, `Registered the taxpayer ${taxpayerId} (${name}).`);
  });
}

async function rename(taxpayer: Taxpayer, clock: Clock): Promise<Outcome> {
  const { withActs } = await import('./acts.js');
  const { ShopActs } = await import('../administration/shops.js');
  const { taxpayerId, name } = taxpayer;
  return withActs(clock, async ({ acts, actor }) => {
    const renamed = await new ShopActs(acts).renameTaxpayer(actor, taxpayer);
    if (isProblem(renamed))
      return refusedBy(renamed, { not_on_file: `There is no taxpayer ${taxpayerId}. See: tax-control taxpayer list` });
    return done(renamed, `The name of the taxpayer ${taxpayerId} is ${name}.`);
  });
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
