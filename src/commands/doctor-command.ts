import type { CommandGroup } from './command-group.js';

/** `tax-control doctor` */
export const doctorCommand: CommandGroup = (program, perform, clock) => {
  program
    .command('doctor')
    .description('look at settings, database, keys, clock, ports and disk, and say what to do about what is wrong')
    .option('--database-directory <directory>', 'where the database keeps its data, if that is on this machine')
    .addHelpText(
      'after',
      `
Run it where the server runs, with the settings of the server. It changes nothing. Exit status: 0 nothing failed (there
may be warnings), 1 something failed; the result is on standard output either way.

Example:
  tax-control doctor --json`,
    )
    .action(
      perform(async ({ databaseDirectory = null }: { readonly databaseDirectory?: string | null }) =>
        (await import('./doctor/examine.js')).examine({ clock, databaseDirectory }),
      ),
    );
};
