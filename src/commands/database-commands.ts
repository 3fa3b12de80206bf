import { InvalidArgumentError } from 'commander';
import { shortText } from './arguments.js';
import type { CommandGroup } from './command-group.js';
import type { RecoveredOptions } from './database-actions.js';
import type { RolesOptions } from './database-roles.js';

/** Digits of the sequence in a code; the code's other eight are made of them. */
const SEQUENCE_DIGITS = 12;

/** `tax-control database …`; what each does is in database-actions.ts. */
export const databaseCommands: CommandGroup = (program, perform, clock) => {
  const database = program
    .command('database')
    .description(
      'make its roles, show which database this is, and move the numbers on after an older copy was restored',
    );

  database
    .command('roles')
    .description('print the SQL with which an administrator makes roles, log-ins and the database')
    .option('--address <url>', 'where the database will be, without user: postgresql://host:port/name')
    .option('--directory <folder>', 'make passwords, and write an address for each log-in into this folder')
    .addHelpText(
      'after',
      `
Changes nothing in a database, and needs none. With --directory the folder gets the files migrator-url, server-url, operator-url and
auditor-url (mode 600), for DATABASE_URL_FILE; the SQL has no password in it, and may be sent to the administrator.

Example:
  tax-control database roles --address 'postgresql://db.example.org:5432/tax_control?sslmode=verify-full' \\
    --directory /etc/tax-control/database > roles.sql
  psql --host db.example.org --username admin --dbname postgres --file roles.sql`,
    )
    .action(perform(async (options: RolesOptions) => (await import('./database-roles.js')).roles(options)));

  database
    .command('status')
    .description(
      'show whether it is the database that codes were last given on, how far the numbers are, and past jumps',
    )
    .addHelpText('after', '\nExample:\n  tax-control database status')
    .action(perform(async () => (await import('./database-actions.js')).status()));

  database
    .command('recovered')
    .description('after a restore: tell the database what the recovery log has, and move its numbers on')
    .requiredOption('--reason <text>', 'what was restored, and why; kept in the audit trail', shortText)
    .option('--above <number>', 'a number, or a whole code, that is known to have been given', knownNumber)
    .addHelpText(
      'after',
      `
The servers do the same by themselves after a failover, after any restore, and when PostgreSQL was started anew. It is for the case
that you know more: a number that a till or a customer holds and that the database has not come to. Doing it once more wastes numbers
and does no other harm. Stop all servers before.

The numbers jump by 2,000 for each second since the newest thing on file (in the test environment by 1,000), or by up to 100,000,000 where
that is more. What is on file stays as it is.

Example:
  tax-control database recovered --reason "snapshot of 02:00 put back after the disk failed"`,
    )
    .action(
      perform(async (options: RecoveredOptions) => (await import('./database-actions.js')).recovered(options, clock)),
    );
};

/** A number of the sequence, or a code as it is printed, in groups. */
function knownNumber(text: string): number {
  const digits = text.replaceAll(/[ -]/g, '');
  if (/^[0-9]{20}$/.test(digits)) return Number(digits.slice(0, SEQUENCE_DIGITS));
  if (!/^[1-9][0-9]{0,11}$/.test(digits))
    throw new InvalidArgumentError('It must be a number of at most 12 digits, or a code of 20.');
  return Number(digits);
}
