import { Argument } from 'commander';
import type { Clock } from '@tax-control/protocol';
import { isHost } from '../keys/hosts.js';
import type { CommandGroup } from './command-group.js';
import { done, misused, type NotDone, type Outcome } from './outcome.js';
import type { Activated, ActivateOptions, Staged, StageOptions } from './rotate-keys.js';

const ENVIRONMENTS = ['production', 'test'] as const;
type EnvironmentName = (typeof ENVIRONMENTS)[number];

const DIRECTORY = 'the directory; KEYS_DIRECTORY, if left out';

interface InitOptions {
  readonly directory: string;
  readonly host: readonly string[];
  readonly environment: string;
}

/** `tax-control keys …` */
export const keysCommands: CommandGroup = (program, perform, clock) => {
  const keys = program
    .command('keys')
    .description('make the keys of a server, show what there is, and exchange them while it runs');

  keys
    .command('init')
    .description('make authority, signing keys and listener certificates in a new directory')
    .requiredOption('--directory <directory>', 'where to put them; must be empty or missing')
    .requiredOption('--host <name...>', 'name or address of the server, as tills and browsers will use it')
    .option('--environment <name>', 'production or test; test is written into every certificate', 'production')
    .addHelpText(
      'after',
      `
Nothing is ever overwritten. Keep a copy of the directory where nobody else can read it: whoever loses these keys
cannot prove old codes, and whoever steals them can make new ones.

Example:
  tax-control keys init --directory /etc/tax-control/keys --host tills.example.org --host 192.0.2.7`,
    )
    .action(perform((options: InitOptions) => init(options, clock)));

  keys
    .command('list')
    .description('show the keys and certificates in a directory, and until when they are valid')
    .option('--directory <directory>', DIRECTORY)
    .addHelpText('after', '\nExample:\n  tax-control keys list --directory /etc/tax-control/keys')
    .action(
      perform(async ({ directory }: { readonly directory?: string }) =>
        (await import('./list-keys.js')).listKeys(directory, clock),
      ),
    );

  keys
    .command('stage')
    .description('first step of a rotation: make what is to come, and have it made known')
    .addArgument(new Argument('<what>').choices(['signing-key', 'authority', 'mac-key']))
    .option('--directory <directory>', DIRECTORY)
    .option('--ahead <numbers>', 'of a MAC key: how many numbers ahead of the present one it begins (1000000)')
    .addHelpText(
      'after',
      `
Servers that run take it within seconds, all tills learn it by themselves, and nothing is signed or issued with it yet.
A MAC key needs no second step: it begins at its number, which is looked up in the database (DATABASE_URL).

Example:
  tax-control keys stage signing-key`,
    )
    .action(
      perform(async (what: Staged, options: StageOptions) =>
        (await import('./rotate-keys.js')).stageKey(what, options, clock),
      ),
    );

  keys
    .command('activate')
    .description('second step of a rotation: sign or issue with what was staged')
    .addArgument(new Argument('<what>').choices(['signing-key', 'authority']))
    .option('--directory <directory>', DIRECTORY)
    .option('--now', 'although it was made known less than an hour ago (after a theft)', false)
    .addHelpText(
      'after',
      `
What was signed and issued before stays good for ever. No server is restarted.

Example:
  tax-control keys activate signing-key`,
    )
    .action(
      perform(async (what: Activated, options: ActivateOptions) =>
        (await import('./rotate-keys.js')).activateKey(what, options, clock),
      ),
    );

  keys
    .command('listener')
    .description('name the hosts by which tills reach the servers, or make a certificate for the public listener')
    .option('--directory <directory>', DIRECTORY)
    .requiredOption('--host <name...>', 'every name or address that is used, old ones that are still used included')
    .option('--public', 'for the public listener instead: one that signs itself, for trying out', false)
    .addHelpText(
      'after',
      `
Each server makes the certificate of its terminals’ listener itself, every day a new one, with a new key; those that run
name the new hosts within seconds. A real web certificate for the public listener (PUBLIC_CERTIFICATE_FILE) is exchanged
by writing its two files anew.

Example:
  tax-control keys listener --host tills.example.org --host tills-2.example.org`,
    )
    .action(perform((options: ListenerOptions) => listener(options, clock)));
};

async function init({ directory, host: hosts, environment }: InitOptions, clock: Clock): Promise<Outcome> {
  if (!isEnvironment(environment)) return misused('--environment must be production or test.');
  const wrong = wrongHost(hosts);
  if (wrong !== null) return wrong;
  const [{ makeKeys }, { writeKeys }] = await Promise.all([
    import('../keys/make-keys.js'),
    import('../keys/write-keys.js'),
  ]);
  const now = new Date(clock.now());
  const { files, caDigest, receiptKeyId } = await makeKeys({ environment, hosts, now });
  await writeKeys(directory, files);
  const paths = files.map((file) => file.path);
  return done(
    { directory, environment, hosts, caDigest, receiptKeyId, files: paths },
    [
      `Made ${paths.length} files in ${directory} for the ${environment} environment:`,
      ...paths.map((path) => `  ${path}`),
      `Authority (SHA-256, as in invitations): ${caDigest}`,
      'Back the directory up now; nothing can make these keys again.',
    ].join('\n'),
  );
}

function isEnvironment(text: string): text is EnvironmentName {
  return (ENVIRONMENTS as readonly string[]).includes(text);
}

function wrongHost(hosts: readonly string[]): NotDone | null {
  const host = hosts.find((one) => !isHost(one));
  return host === undefined
    ? null
    : misused(`--host ${host} is not a host name or IP address (no scheme, no port, no path).`);
}

interface ListenerOptions {
  readonly directory?: string;
  readonly host: readonly string[];
  readonly public: boolean;
}

async function listener({ directory, host: hosts, public: isPublic }: ListenerOptions, clock: Clock): Promise<Outcome> {
  const wrong = wrongHost(hosts);
  if (wrong !== null) return wrong;
  const { nameTerminalHosts, replacePublicListener } = await import('./listener-actions.js');
  return isPublic ? replacePublicListener(directory, hosts, clock) : nameTerminalHosts(directory, hosts);
}
