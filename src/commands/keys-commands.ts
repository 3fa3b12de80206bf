import { isIP } from 'node:net';
import { done, misused, type NotDone, type Outcome } from './outcome.js';
import type { CommandGroup } from './command-group.js';

const HOST_NAME = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/;

const ENVIRONMENTS = ['production', 'test'] as const;
type EnvironmentName = (typeof ENVIRONMENTS)[number];

interface InitOptions {
  readonly directory: string;
  readonly host: readonly string[];
  readonly environment: string;
}

/** `tax-control keys …` */
export const keysCommands: CommandGroup = (program, perform) => {
  const keys = program.command('keys').description('make the keys of a new server, and show what there is');

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
    .action(perform(init));

  keys
    .command('listener')
    .description('issue a new certificate for the terminals’ listener, when it gets other names or addresses')
    .option('--directory <directory>', 'the directory; KEYS_DIRECTORY, if left out')
    .requiredOption('--host <name...>', 'every name or address that tills use, old ones that are still used included')
    .addHelpText(
      'after',
      `
Tills go on trusting it, because the authority stays. Restart the servers afterwards; what was there is kept beside it.

Example:
  tax-control keys listener --host tills.example.org --host tills-2.example.org`,
    )
    .action(perform(listener));

  keys
    .command('list')
    .description('show the keys and certificates in a directory, and until when they are valid')
    .option('--directory <directory>', 'the directory; KEYS_DIRECTORY, if left out')
    .addHelpText('after', '\nExample:\n  tax-control keys list --directory /etc/tax-control/keys')
    .action(perform(list));
};

async function init({ directory, host: hosts, environment }: InitOptions): Promise<Outcome> {
  if (!isEnvironment(environment)) return misused('--environment must be production or test.');
  const wrong = wrongHost(hosts);
  if (wrong !== null) return wrong;
  const [{ makeKeys }, { writeKeys }] = await Promise.all([
    import('../keys/make-keys.js'),
    import('../keys/write-keys.js'),
  ]);
  const { files, caDigest, receiptKeyId } = await makeKeys({ environment, hosts, now: new Date() });
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
  const host = hosts.find((one) => !HOST_NAME.test(one) && isIP(one) === 0);
  return host === undefined
    ? null
    : misused(`--host ${host} is not a host name or IP address (no scheme, no port, no path).`);
}

async function listener({
  directory,
  host: hosts,
}: Omit<InitOptions, 'directory'> & { readonly directory?: string }): Promise<Outcome> {
  const wrong = wrongHost(hosts);
  if (wrong !== null) return wrong;
  const { replaceListener } = await import('./replace-listener.js');
  return replaceListener(directory, hosts);
}

async function list({ directory }: { readonly directory?: string }): Promise<Outcome> {
  const { listKeys } = await import('./list-keys.js');
  return listKeys(directory);
}
