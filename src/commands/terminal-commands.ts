import { Option } from 'commander';
import { identifier, several, shortText, wholeNumber } from './arguments.js';
import type { CommandGroup } from './command-group.js';
import type { InvitationOptions, RegisterOptions } from './invite-terminal.js';
import type { ListOptions } from './terminal-actions.js';

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

const INVITATION_HELP = `
The invitation is shown once and is worth a certificate: hand it to the shop over a channel that you trust.`;

/** `tax-control terminal …`; what each does is in terminal-actions.ts and invite-terminal.ts. */
export const terminalCommands: CommandGroup = (program, perform) => {
  const terminal = program
    .command('terminal')
    .description('register tills, invite, suspend, resume, revoke and list them');

  const register = terminal
    .command('register')
    .description('register a till in premises, and print its invitation')
    .argument('[terminal-id]', 'the till’s number; made, if left out', identifier)
    .requiredOption('--premises <premises-id>', 'where it stands, for life', identifier);
  for (const option of INVITATION_OPTIONS) register.addOption(option);
  register
    .addHelpText(
      'after',
      `${INVITATION_HELP}\n\nExample:\n  tax-control terminal register LONDON-1-A --premises LONDON-1`,
    )
    .action(
      perform(async (terminalId: string | undefined, options: RegisterOptions) =>
        (await import('./invite-terminal.js')).register(terminalId, options),
      ),
    );

  const invite = terminal
    .command('invite')
    .description('print a new invitation for a till; an earlier, unused one ends')
    .argument('<terminal-id>', 'the till', identifier);
  for (const option of INVITATION_OPTIONS) invite.addOption(option);
  invite
    .addHelpText('after', `${INVITATION_HELP}\n\nExample:\n  tax-control terminal invite LONDON-1-A --valid-days 2`)
    .action(
      perform(async (terminalId: string, options: InvitationOptions) =>
        (await import('./invite-terminal.js')).invite(terminalId, options),
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
          (await import('./terminal-actions.js')).setStatus(terminalId, status, reason),
        ),
      );

  terminal
    .command('revoke-certificate')
    .description('revoke one certificate of a till, for ever; others of the till stay good')
    .argument('<terminal-id>', 'the till', identifier)
    .argument('<thumbprint>', 'the certificate, as `terminal show` names it')
    .requiredOption('--reason <text>', 'why; kept with the certificate', shortText)
    .addHelpText(
      'after',
      '\nExample:\n  tax-control terminal revoke-certificate LONDON-1-A n4bQ… --reason "till was stolen"',
    )
    .action(
      perform(async (terminalId: string, thumbprint: string, { reason }: { readonly reason: string }) =>
        (await import('./terminal-actions.js')).revokeOne(terminalId, thumbprint, reason),
      ),
    );

  terminal
    .command('list')
    .description('list tills')
    .option('--taxpayer <taxpayer-id>', 'only those of this taxpayer', identifier)
    .option('--premises <premises-id>', 'only those in these premises', identifier)
    .addOption(new Option('--status <status>', 'only those').choices(['active', 'suspended', 'revoked']))
    .addHelpText('after', '\nExample:\n  tax-control terminal list --status suspended')
    .action(perform(async (options: ListOptions) => (await import('./terminal-actions.js')).list(options)));

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
