import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '@tax-control/protocol';
import { readOrMakeToken } from '../../agent/agent-token.js';
import type { AgentLog } from '../../agent/faults.js';
import { parseOrigin } from '../../agent/origins.js';
import { AGENT_ADDRESS_DEFAULT, parseListenAddress } from '../../agent/listen-address.js';
import { utcTime } from '../../clock.js';
import type { CommandContext } from '../context.js';
import { CommandFailure, EXIT_STATUSES } from '../exit-status.js';
import { writeJson, writeLine } from '../terminal-io.js';
import { readNamedFile } from '../till-access.js';
import { jsonOption, readSoftware, readTimeZone, softwareOption, timeZoneOption, usage } from '../till-options.js';

interface AgentCommandOptions {
  readonly directory: readonly string[];
  readonly listen: string;
  readonly tokenFile?: string;
  readonly tlsCertificate?: string;
  readonly tlsKey?: string;
  readonly allowOrigin?: readonly string[];
  readonly software?: string;
  readonly timeZone?: string;
  readonly json?: true;
}

const TOKEN_FILE = 'agent-token';

export function addAgentCommand(program: Command, context: CommandContext): void {
  program
    .command('agent')
    .summary('serve the tills of a shop to their own software, over HTTP')
    .description(
      'Opens every till that it finds and serves them at one address (see /v1/openapi.json there). ' +
        'A till that cannot be opened stops none of the others.',
    )
    .requiredOption('-d, --directory <folder...>', 'folders of tills, or folders that hold such folders')
    .option(
      '--listen <address>',
      'host:port; others than this machine take TLS; port 0 takes a free one',
      AGENT_ADDRESS_DEFAULT,
    )
    .option(
      '--token-file <file>',
      `where the token is, made at the first start (default: ${TOKEN_FILE} in the first folder)`,
    )
    .option('--tls-certificate <file>', 'PEM; names and addresses in it may be called')
    .option('--tls-key <file>', 'PEM')
    .option(
      '--allow-origin <origin...>',
      'web pages or shells that may call with the token, e.g. https://pos.example or app://till',
    )
    .addOption(softwareOption())
    .addOption(timeZoneOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  tax-terminal agent --directory /var/lib/till
  tax-terminal agent --directory /var/lib/till --listen 192.168.1.4:8744 --tls-certificate agent.pem --tls-key agent-key.pem
  (umask 077; printf 'Authorization: Bearer %s\\n' "$(cat /var/lib/till/${TOKEN_FILE})" > header)
  curl -H @header http://127.0.0.1:8744/v1/terminals`,
    )
    .action((options: AgentCommandOptions) => serve(context, options));
}

async function serve(context: CommandContext, options: AgentCommandOptions): Promise<void> {
  const { io, library, version } = context;
  const address = parseListenAddress(options.listen);
  if (address === null) throw usage('--listen takes host:port, e.g. 127.0.0.1:8744 or [::1]:8744.');
  const software = readSoftware(options.software, version);
  const zone = readTimeZone(options.timeZone);
  const tls = readTls(options);
  const origins = (options.allowOrigin ?? []).map(readOrigin);
  const missing = options.directory.find((directory) => !existsSync(directory));
  if (missing !== undefined)
    throw usage(`The folder ${missing} does not exist. Enrol a till into it, or compare its name.`);
  const tokenFile = options.tokenFile ?? join(options.directory[0] ?? '.', TOKEN_FILE);
  // From now on a signal ends it in order, also one that comes while tills are opened or right after it says that it listens.
  const stopRequested = io.stopRequested();
  const agent = await asFailure(async () => {
    // Loaded when it is needed: the other commands start faster without an HTTP server.
    const { startAgent } = await import('../../agent/agent.js');
    const token = readOrMakeToken(tokenFile);
    const openTill = (directory: string) => library.openTill({ directory, software, ...zone });
    return startAgent({
      directories: options.directory,
      openTill,
      address,
      tls,
      origins,
      token,
      version,
      log: logTo(io.stderr),
    });
  }, options.listen);
  const { url, terminals } = agent;
  if (options.json) writeJson(io, { listening: url, tokenFile, terminals });
  else {
    writeLine(io.stdout, `Listening on ${url}. The token is in ${tokenFile}.`);
    for (const lane of terminals)
      writeLine(
        io.stdout,
        `Terminal ${lane.terminalId}: ${lane.state}${lane.state === 'open' ? '' : `. ${lane.detail}`}`,
      );
    if (terminals.length === 0)
      writeLine(
        io.stdout,
        'No till is enrolled there yet. Enrol one below the folder; it is found when it is first asked for.',
      );
  }
  await stopRequested;
  await agent.close();
  if (!options.json) writeLine(io.stdout, 'Stopped.');
}

function readOrigin(text: string): string {
  const origin = parseOrigin(text);
  if (origin !== null) return origin;
  throw usage(`--allow-origin takes scheme://host or scheme://host:port, without a path: ${text} is none.`);
}

function readTls({ tlsCertificate, tlsKey }: AgentCommandOptions): { certificate: string; key: string } | null {
  if (tlsCertificate === undefined && tlsKey === undefined) return null;
  if (tlsCertificate === undefined || tlsKey === undefined) throw usage('--tls-certificate and --tls-key go together.');
  return { certificate: readNamedFile(tlsCertificate).toString('utf8'), key: readNamedFile(tlsKey).toString('utf8') };
}

/** What keeps an agent from starting is told as a sentence. */
async function asFailure<T>(work: () => Promise<T>, listen: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new CommandFailure(EXIT_STATUSES.failed, `The agent cannot start. ${startFault(error, listen)}`);
  }
}

function startFault(error: unknown, listen: string): string {
  const { code, message, path } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return `The address ${listen} is taken, perhaps by another agent. End that one, or name another address with --listen.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `This machine does not have the address ${listen}. Name one of its own with --listen.`;
  if (code === 'EACCES' && path !== undefined)
    return `This user may not read or write ${path}. Run it as the till’s user.`;
  if (code === 'ENOENT' && path !== undefined) return `There is no folder for ${path}. Make it, or name another file.`;
  if (code?.startsWith('ERR_OSSL') === true)
    return `--tls-certificate and --tls-key must be PEM files that belong together (${message}).`;
  return message;
}

function logTo(stderr: NodeJS.WritableStream): AgentLog {
  return (event) => stderr.write(`${JSON.stringify({ time: utcTime(systemClock.now()), ...event })}\n`);
}
