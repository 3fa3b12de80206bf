import { Option } from 'commander';
import { identifier, moment, several, shortText, wholeNumber } from './arguments.js';
import type { CommandGroup } from './command-group.js';
import { INVITABLE } from '../registry/fleet.js';
import type { InviteManyOptions } from './fleet/invite-fleet.js';
import type { ImportOptions } from './fleet/import-terminals.js';
import type { InviteOptions, RegisterOptions } from './invite-terminal.js';
import type { ListOptions } from './list-terminals.js';
import type { RevocationOptions } from './terminal-actions.js';

/** Adds what `register` and `invite` have in common. */
const INVITATION_OPTIONS: readonly Option[] = [
  new Option('--address <url>', 'terminal listener, https://host:port; those of the parameters, if left out').argParser(
    several,
  ),
  new Option('--ca <file>', 'certificate of the authority; ca/certificate.pem in KEYS_DIRECTORY, if left out'),
  new Option(
    '--valid-days <days>',
    'how long the invitation is good; ENROLMENT_INVITATION_DAYS, if left out',
  ).argParser(wholeNumber),
];

/** Of `register` and `invite` alone: an import always writes a file. */
function outOption(): Option {
  return new Option(
    '--out <file>',
    'write the invitation to a new file, for its owner alone, and do not print it; - prints it and nothing else',
  );
}

const INVITATION_HELP = `
The invitation is shown once and is worth a certificate: hand it to the shop over a channel that you trust.`;

/** `tax-control terminal …`; what each does is in terminal-actions.ts and invite-terminal.ts. */
export const terminalCommands: CommandGroup = (program, perform, clock) => {
  const terminal = program
    .command('terminal')
    .description('register tills, invite, suspend, resume, revoke and list them');

  const register = terminal
    .command('register')
    .description('register a till in premises, and print its invitation or write it to a file')
    .argument('[terminal-id]', 'the till’s number; made, if left out', identifier)
    .requiredOption('--premises <premises-id>', 'where it stands, for life', identifier);
  for (const option of [outOption(), ...INVITATION_OPTIONS]) register.addOption(option);
  register
    .addHelpText(
      'after',
      `${INVITATION_HELP}\n\nExample:\n  tax-control terminal register LONDON-1-A --premises LONDON-1 --out invitation.txt`,
    )
    .action(
      perform(async (terminalId: string | undefined, options: RegisterOptions) =>
        (await import('./invite-terminal.js')).register(terminalId, options, clock),
      ),
    );

  const invite = terminal
    .command('invite')
    .description('print a new invitation for a till; an earlier, unused one ends')
    .argument('<terminal-id>', 'the till', identifier);
  for (const option of [outOption(), ...INVITATION_OPTIONS]) invite.addOption(option);
  invite
    .addHelpText('after', `${INVITATION_HELP}\n\nExample:\n  tax-control terminal invite LONDON-1-A --valid-days 2`)
    .action(
      perform(async (terminalId: string, options: InviteOptions) =>
        (await import('./invite-terminal.js')).invite(terminalId, options, clock),
      ),
    );

  const inviting = terminal
    .command('invite-many')
    .description('write new invitations for many tills to a file; earlier, unused ones end')
    .option('--invitations <file>', 'where to write the invitations; a new file, for its owner alone')
    .addOption(
      new Option(
        '--for <which>',
        'unenrolled: tills that have no certificate yet (if left out); expired: those whose certificates all expired or were ' +
          'revoked; all: every till',
      ).choices(INVITABLE),
    )
    .option('--taxpayer <taxpayer-id>', 'only tills of this taxpayer', identifier)
    .option('--premises <premises-id>', 'only tills in these premises', identifier)
    .option('--region <region>', 'only tills in this region', shortText)
    .option('--dry-run', 'say how many tills it would be, and change nothing');
  for (const option of INVITATION_OPTIONS) inviting.addOption(option);
  inviting
    .addHelpText(
      'after',
      `
Revoked tills are left out. The invitations are on disk before they are good, and each is worth a certificate: hand each to its shop
over a channel that you trust, then remove the file.

Example:
  tax-control terminal invite-many --region North --for expired --invitations invitations.csv`,
    )
    .action(
      perform(async (options: InviteManyOptions) =>
        (await import('./fleet/invite-fleet.js')).inviteMany(options, clock),
      ),
    );

  const importing = terminal
    .command('import')
    .description('register the tills of a CSV file, all or none, and write their invitations to a file')
    .argument('<file>', 'CSV, UTF-8, with the columns terminal, premises and, if you like, taxpayer')
    .option('--invitations <file>', 'where to write the invitations; a new file, for its owner alone')
    .option('--skip-registered', 'leave rows alone whose till is registered in the same premises already')
    .option('--dry-run', 'check the file and the registry, and change nothing');
  for (const option of INVITATION_OPTIONS) importing.addOption(option);
  importing
    .addHelpText(
      'after',
      `
The first line names the columns. Every row that is wrong is named with its line and reason, all at once. The premises must be
registered before. The invitations are on disk before the tills are registered, and each is worth a certificate: hand each to
its shop over a channel that you trust, then remove the file.

Example:
  tax-control terminal import fleet.csv --invitations invitations.csv`,
    )
    .action(
      perform(async (file: string, options: ImportOptions) =>
        (await import('./fleet/import-terminals.js')).importTerminals(file, options, clock),
      ),
    );

  for (const { name, status, description } of STATUS_COMMANDS)
    terminal
      .command(name)
      .description(description)
      .argument('<terminal-id>', 'the till', identifier)
      .option('--reason <text>', 'why; kept with the terminal', shortText)
      .addHelpText(
        'after',
        `\nIn force on every server within a second.\n\nExample:\n  tax-control terminal ${name} LONDON-1-A --reason "moved without notice"`,
      )
      .action(
        perform(async (terminalId: string, { reason = null }: { readonly reason?: string | null }) =>
          (await import('./terminal-actions.js')).setStatus(terminalId, status, reason, clock),
        ),
      );

  terminal
    .command('excuse')
    .description('wait for a till no longer that has not said, since a restore, that all it holds is on file')
    .argument('<terminal-id>', 'the till', identifier)
    .requiredOption('--reason <text>', 'why it cannot say so; kept with the excuse', shortText)
    .addHelpText(
      'after',
      `
For tills of other makers that confirm nothing, and for shops that are closed for the season. The till may sell, and what it still holds comes
back when it sends it. The audit names it as excused, and who said so. The next restore asks for it again. For one that is gone for good:
revoke it, and hand its journal in.

Example:
  tax-control terminal excuse LONDON-1-A --reason "closed until May"`,
    )
    .action(
      perform(async (terminalId: string, { reason }: { readonly reason: string }) =>
        (await import('./terminal-actions.js')).excuse(terminalId, reason, clock),
      ),
    );

  terminal
    .command('revoke-certificate')
    .description('revoke one certificate of a till, for ever, and name or revoke what was renewed from it')
    .argument('<terminal-id>', 'the till', identifier)
    .argument('<thumbprint>', 'the certificate, as `terminal show` names it')
    .requiredOption('--reason <text>', 'why; kept with the certificate', shortText)
    .option('--with-descendants', 'revoke every certificate that was renewed from it too')
    .addHelpText(
      'after',
      `
Whoever stole a key may have renewed its certificate for a key of his own: without --with-descendants the command names the
certificates that were renewed from this one and are still in force.

Example:
  tax-control terminal revoke-certificate LONDON-1-A n4bQ… --reason "till was stolen" --with-descendants`,
    )
    .action(
      perform(async (terminalId: string, thumbprint: string, options: RevocationOptions) =>
        (await import('./terminal-actions.js')).revokeOne(terminalId, thumbprint, options, clock),
      ),
    );

  terminal
    .command('list')
    .description('list tills, page by page')
    .option('--taxpayer <taxpayer-id>', 'only those of this taxpayer', identifier)
    .option('--premises <premises-id>', 'only those in these premises', identifier)
    .option('--region <region>', 'only those in this region', shortText)
    .addOption(new Option('--status <status>', 'only those').choices(['active', 'suspended', 'revoked']))
    .option('--not-seen-since <time>', 'only those of which nothing came since this day or time, or never', moment)
    .option('--limit <rows>', 'rows of a page; 1000, if left out', wholeNumber)
    .option('--after <terminal-id>', 'the page behind this till', identifier)
    .addHelpText(
      'after',
      `
Seen means that anything of the till arrived: an invoice, a refused one, an entry of its log; known some seconds after. With --json
the member "next" is the --after of the next page, null at the last.

Example:
  tax-control terminal list --region North --status active --not-seen-since 2026-11-01`,
    )
    .action(perform(async (options: ListOptions) => (await import('./list-terminals.js')).listTerminals(options)));

  terminal
    .command('show')
    .description('show a till, its certificates and what became of its invitations')
    .argument('<terminal-id>', 'the till', identifier)
    .addHelpText('after', '\nExample:\n  tax-control terminal show LONDON-1-A')
    .action(perform(async (terminalId: string) => (await import('./terminal-actions.js')).show(terminalId)));
};

const STATUS_COMMANDS = [
  {
    name: 'suspend',
    status: 'suspended',
    description: 'stop a till from selling; it may still send what it has signed',
  },
  { name: 'resume', status: 'active', description: 'let a suspended till sell again' },
  { name: 'revoke', status: 'revoked', description: 'shut a till out for ever' },
] as const;
