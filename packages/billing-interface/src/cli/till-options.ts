import type { Invoice } from '@tax-control/protocol';
import { type Command, Option } from 'commander';
import type { CommandContext } from './context.js';
import { timeZoneFault } from '../till/shop-time.js';
import { CommandFailure, EXIT_STATUSES } from './exit-status.js';
import { agentAccess, localAccess, type TillAccess } from './till-access.js';

/** Which till a command is about. */
export interface TillOptions {
  readonly directory?: string;
  readonly agent?: string;
  readonly terminal?: string;
  readonly tokenFile?: string;
  readonly software?: string;
  readonly timeZone?: string;
  readonly json?: true;
}

export function directoryOption(): Option {
  return new Option('-d, --directory <folder>', 'the till’s folder').env('TAX_TERMINAL_DIRECTORY');
}

/** Only what opens a till itself heeds it; an agent that runs has its own. */
export function timeZoneOption(): Option {
  return new Option(
    '--time-zone <name>',
    'the shop’s time zone (IANA, e.g. Europe/London) in place of the one that the parameters name',
  ).env('TAX_TERMINAL_TIME_ZONE');
}

/** The option of `openTill`; an unknown zone is refused before anything is opened. */
export function readTimeZone(name: string | undefined): { readonly timeZone?: string } {
  if (name === undefined || name === '') return {};
  const fault = timeZoneFault(name);
  if (fault !== null) throw usage(`--time-zone: ${fault}`);
  return { timeZone: name };
}

export function jsonOption(): Option {
  return new Option('--json', 'print one JSON object on standard output, for programs');
}

/** Adds the options by which a till is named: by its folder, or behind a running agent that holds its journal. */
export function withTillOptions(command: Command): Command {
  return command
    .addOption(directoryOption())
    .option('--agent <url>', 'ask the agent that runs there instead, e.g. http://127.0.0.1:8744')
    .option('--terminal <id>', 'with --agent: the terminal')
    .option('--token-file <file>', 'with --agent: its token file')
    .addOption(timeZoneOption())
    .addOption(jsonOption());
}

/** Opens the till that the options name, and closes it whatever happens. */
export async function withTill<T>(
  context: CommandContext,
  options: TillOptions,
  work: (till: TillAccess) => Promise<T>,
): Promise<T> {
  const till = await openAccess(context, options);
  try {
    return await work(till);
  } finally {
    await till.close();
  }
}

async function openAccess(context: CommandContext, options: TillOptions): Promise<TillAccess> {
  const { agent, terminal, tokenFile } = options;
  if (agent !== undefined) {
    if (!URL.canParse(agent) || terminal === undefined || tokenFile === undefined)
      throw usage('--agent takes a URL such as http://127.0.0.1:8744, and --terminal and --token-file beside it.');
    return agentAccess(agent, terminal, tokenFile);
  }
  const directory = requireDirectory(options);
  const software = readSoftware(options.software, context.version);
  return localAccess(await context.library.openTill({ directory, software, ...readTimeZone(options.timeZone) }));
}

/** The folder, which every command that opens a till itself must be told. */
export function requireDirectory({ directory }: Pick<TillOptions, 'directory'>): string {
  if (directory === undefined || directory === '')
    throw usage('Name the till’s folder: --directory FOLDER, or TAX_TERMINAL_DIRECTORY in the environment.');
  return directory;
}

export function usage(message: string): CommandFailure {
  return new CommandFailure(EXIT_STATUSES.usage, message);
}

/** `NAME/VERSION` of the software that sells; this command's own when it is left out. */
export function readSoftware(text: string | undefined, version: string): Invoice['software'] {
  if (text === undefined) return { name: 'tax-terminal', version };
  const [, name, softwareVersion] = /^([^/]{1,64})\/([^/]{1,64})$/.exec(text) ?? [];
  if (name === undefined || softwareVersion === undefined)
    throw usage('--software takes NAME/VERSION, each of 1 to 64 characters, e.g. --software "Corner shop till/4.2".');
  return { name, version: softwareVersion };
}

export function softwareOption(): Option {
  return new Option('--software <name/version>', 'the software that sells, as it stands in every invoice');
}
