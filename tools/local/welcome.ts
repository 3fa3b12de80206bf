import { join, relative } from 'node:path';
import { PROGRAMS, projectDirectory } from './project.js';
import { PREFERRED_PORTS } from './preferred-ports.js';
import type { LocalInstallation } from './start-local.js';
import { databaseUrlFile } from './state.js';

/** What a person wants to know once everything runs: where it listens, how to enrol a till, where the files are. */
export function welcome(local: LocalInstallation): string {
  const { addresses, paths } = local;
  const control = `node ${fromHere(PROGRAMS.control)}`;
  const invitation = quoted(paths.invitation);
  return `
The tax control server runs.

  for tills      ${addresses.terminals}   (mutual TLS)
  for everybody  ${addresses.public}   (/docs: the API; schemas, keys)
  for operators  ${addresses.operator}   (/health/ready, /metrics)

To enrol a till, in another terminal, in ${projectDirectory()}:

  export DATABASE_URL_FILE=${quoted(databaseUrlFile(paths, 'operator'))}
  export KEYS_DIRECTORY=${quoted(paths.keys)}
  export RECOVERY_LOG_DIRECTORY=${quoted(paths.recoveryLog)}${otherPorts(addresses)}
  ${control} taxpayer add corner-shop --name 'Corner Shop Ltd'
  ${control} premises add main-street --taxpayer corner-shop --name 'Main Street' \\
      --region north --activity retail --address '1 Main Street'
  ${control} tax-rate add standard --rate 20 --from 2026-01-01
  ${control} terminal register till-1 --premises main-street --out ${invitation}

The last one writes an invitation, which holds a secret, to a file that only you can read. With it, at the till:

  node ${fromHere(PROGRAMS.till)} enrol --directory ${quoted(join(paths.tills, 'till-1'))} < ${invitation}

To see the officials' console, ${addresses.public}/console, add the first account in that other terminal:

  ${control} official add ada --full-name 'Ada Lovelace' --role administrator --role supervisor

Files           ${paths.directory}
  log           ${fromState(local, paths.serverLog)}
  keys          ${fromState(local, paths.keys)}
  database      ${fromState(local, paths.postgres)}; addresses with passwords in ${fromState(local, paths.secrets)}

Ctrl-C stops everything; the next npm start goes on with the same data, npm start -- --fresh begins anew.
`;
}

/** So that `tax-control doctor` finds the listeners where the usual ports were taken. */
function otherPorts(addresses: LocalInstallation['addresses']): string {
  const settings = Object.entries({
    TERMINALS_PORT: [addresses.terminals, PREFERRED_PORTS.terminals],
    PUBLIC_PORT: [addresses.public, PREFERRED_PORTS.public],
    OPERATOR_PORT: [addresses.operator, PREFERRED_PORTS.operator],
  } as const).map(([name, [address, usual]]) => ({ name, port: Number(new URL(address).port), usual }));
  if (settings.every(({ port, usual }) => port === usual)) return '';
  return `\n  export ${settings.map(({ name, port }) => `${name}=${port}`).join(' ')}`;
}

function fromHere(path: string): string {
  return relative(projectDirectory(), path);
}

function fromState(local: LocalInstallation, path: string): string {
  return relative(local.paths.directory, path);
}

/** For a shell; most paths need nothing. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
