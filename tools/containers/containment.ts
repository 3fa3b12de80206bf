import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IMAGE, type Installation } from './installation.js';

/** The part of `docker inspect` that is looked at. */
interface Inspected {
  readonly Name: string;
  readonly Config: { readonly User: string };
  readonly HostConfig: {
    readonly ReadonlyRootfs: boolean;
    readonly Memory: number;
    readonly PidsLimit: number | null;
    readonly CapDrop: readonly string[] | null;
    readonly SecurityOpt: readonly string[] | null;
    readonly LogConfig: { readonly Type: string; readonly Config: Readonly<Record<string, string>> };
  };
}

const DEMANDS: readonly (readonly [string, (container: Inspected) => boolean])[] = [
  ['runs as root', ({ Config }) => !/^(|0|root)(:|$)/.test(Config.User)],
  ['may write to its own file system', ({ HostConfig }) => HostConfig.ReadonlyRootfs],
  ['has no limit of memory', ({ HostConfig }) => HostConfig.Memory > 0],
  ['has no limit of processes', ({ HostConfig }) => (HostConfig.PidsLimit ?? 0) > 0],
  ['keeps rights of the system', ({ HostConfig }) => HostConfig.CapDrop?.includes('ALL') === true],
  ['may gain rights', ({ HostConfig }) => HostConfig.SecurityOpt?.includes('no-new-privileges:true') === true],
  ['has a log without bound', ({ HostConfig }) => 'max-size' in HostConfig.LogConfig.Config],
];

/** What is wrong with how the containers are shut in, in words; empty: nothing. */
export async function looseEnds(installation: Installation): Promise<string[]> {
  const label = `label=com.docker.compose.project=${installation.name}`;
  const ids = (await installation.docker(['ps', '--all', '--quiet', '--filter', label])).split('\n').filter(Boolean);
  const containers = JSON.parse(await installation.docker(['inspect', ...ids])) as readonly Inspected[];
  return containers.flatMap((container) =>
    DEMANDS.filter(([, holds]) => !holds(container)).map(([fault]) => `${container.Name} ${fault}`),
  );
}

/** Names of the secrets that stand where anybody who may ask the engine can read them: containers, image, its history, logs. */
export async function shownSecrets(installation: Installation): Promise<string[]> {
  const label = `label=com.docker.compose.project=${installation.name}`;
  const ids = (await installation.docker(['ps', '--all', '--quiet', '--filter', label])).split('\n').filter(Boolean);
  const shown = [
    await installation.docker(['inspect', ...ids]),
    await installation.docker(['image', 'inspect', IMAGE]),
    await installation.docker(['history', '--no-trunc', IMAGE]),
    await installation.compose(['logs', '--no-color']),
  ].join('\n');
  const folder = join(installation.folder, 'docker', 'secrets');
  const names = await readdir(folder);
  const secrets = await Promise.all(
    names.map(async (name) => ({ name, value: await readFile(join(folder, name), 'utf8') })),
  );
  return secrets.filter(({ value }) => shown.includes(value)).map(({ name }) => name);
}
