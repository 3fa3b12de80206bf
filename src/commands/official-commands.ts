import { InvalidArgumentError } from 'commander';
import { ACCOUNT_NAME_RULE, isAccountName, normalName, OFFICIAL_ROLES } from '@tax-control/protocol/console';
import { identifier, several, shortText } from './arguments.js';
import type { CommandGroup } from './command-group.js';
import type { AddOptions, PasswordOptions } from './official-actions.js';
import { done, type Outcome } from './outcome.js';
import { table } from './table.js';

const PASSWORD_HELP = `
Without --password-stdin a temporary password is made and shown once; it is valid for three days, and whoever signs in with it
sets another one first. With --password-stdin the password is asked for (twice, not shown), or is the first line of a pipe; it stays.
No password is ever taken from the command line, where every process of the machine could read it.
`;

/** `tax-control official …` */
export const officialCommands: CommandGroup = (program, perform, clock) => {
  const official = program.command('official').description('accounts of officials for the console');

  official
    .command('add')
    .description('add an account; the first administrator comes to be in this way')
    .argument('<name>', 'the name to sign in with', accountName)
    .requiredOption('--full-name <name>', 'the official’s name', shortText)
    .requiredOption('--role <role>', `one of ${OFFICIAL_ROLES.join(', ')}; may be given several times`, several)
    .option('--region <region>', 'sees this region only; may be given several times', several)
    .option('--taxpayer <taxpayer-id>', 'sees this taxpayer only; may be given several times', severalIdentifiers)
    .option('--password-stdin', 'read the password from standard input')
    .addHelpText(
      'after',
      `${PASSWORD_HELP}
Example:
  tax-control official add ada --full-name 'Ada Lovelace' --role administrator`,
    )
    .action(
      perform(async (name: string, options: AddOptions) =>
        (await import('./official-actions.js')).addOfficial(name, options, clock),
      ),
    );

  official
    .command('list')
    .description('list all accounts')
    .addHelpText('after', '\nExample:\n  tax-control official list --json')
    .action(perform(list));

  official
    .command('disable')
    .description('let nobody sign in with an account any more, and end its sessions')
    .argument('<name>', 'name of the account', accountName)
    .option('--undo', 'let it sign in again')
    .addHelpText('after', '\nExample:\n  tax-control official disable ada')
    .action(
      perform(async (name: string, { undo = false }: { readonly undo?: boolean }) =>
        (await import('./official-actions.js')).disableOfficial(name, !undo, clock),
      ),
    );

  official
    .command('reset-password')
    .description('give an account another password, end its sessions, and forget wrong tries')
    .argument('<name>', 'name of the account', accountName)
    .option('--password-stdin', 'read the password from standard input')
    .addHelpText('after', `${PASSWORD_HELP}\nExample:\n  tax-control official reset-password ada`)
    .action(
      perform(async (name: string, options: PasswordOptions) =>
        (await import('./official-actions.js')).resetOfficial(name, options, clock),
      ),
    );

  official
    .command('end-sessions')
    .description('end all sessions of an account')
    .argument('<name>', 'name of the account', accountName)
    .addHelpText('after', '\nExample:\n  tax-control official end-sessions ada')
    .action(
      perform(async (name: string) => (await import('./official-actions.js')).endSessionsOfOfficial(name, clock)),
    );
};

async function list(): Promise<Outcome> {
  const { withDatabase } = await import('./operator-database.js');
  const { listOfficialRows } = await import('../officials/official-rows.js');
  return withDatabase(async (pool) => {
    const officials = await listOfficialRows(pool, null);
    const rows = officials.map(({ name, fullName, roles, view, disabledAt, lastSignInAt, sessions }) => [
      name,
      fullName,
      roles.join(','),
      view.kind,
      disabledAt === null ? 'active' : 'disabled',
      String(sessions),
      lastSignInAt ?? '-',
    ]);
    return done(
      { officials },
      table(['NAME', 'FULL NAME', 'ROLES', 'VIEW', 'STATUS', 'SESSIONS', 'LAST SIGN-IN'], rows),
    );
  });
}

function accountName(text: string): string {
  const name = normalName(text);
  if (!isAccountName(name)) throw new InvalidArgumentError(`It must be ${ACCOUNT_NAME_RULE}.`);
  return name;
}

function severalIdentifiers(text: string, before: readonly string[] | undefined): string[] {
  return several(identifier(text), before);
}
