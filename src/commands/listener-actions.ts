import type { Clock } from '@tax-control/protocol';
import { readKeysSettings } from '../configuration/read-settings.js';
import { DirectoryCustody } from '../keys/directory-custody.js';
import { hostsFile } from '../keys/hosts.js';
import { TERMINAL_HOSTS } from '../keys/key-directory.js';
import { KeyFilesError } from '../keys/key-files-error.js';
import { makePublicListener } from '../keys/make-parts.js';
import { placeFiles, replaceFolder } from '../keys/write-keys.js';
import { done, type Outcome } from './outcome.js';

const WITHIN_SECONDS = 'within seconds (their log says: keys taken)';

/** `keys listener`: the names of the terminals' listener. Each server issues itself a certificate for them. */
export async function nameTerminalHosts(stated: string | undefined, hosts: readonly string[]): Promise<Outcome> {
  const directory = stated ?? readKeysSettings().directory;
  const custody = new DirectoryCustody(directory);
  const before = hostsBefore(custody);
  // Names are for a set of keys; anything else that is wrong with it is told first.
  custody.loadAuthorities();
  await placeFiles(directory, [hostsFile(TERMINAL_HOSTS, hosts)]);
  return done(
    { directory, hosts, before },
    `Tills reach the servers as ${hosts.join(', ')} (before: ${before?.join(', ') ?? 'none that could be read'}). ` +
      `Servers that run make certificates for these ${WITHIN_SECONDS}.`,
  );
}

/** The hosts so far; null where their file is missing or cannot be read, which this command is there to correct. */
function hostsBefore(custody: DirectoryCustody): readonly string[] | null {
  try {
    return custody.loadHosts();
  } catch (error) {
    if (error instanceof KeyFilesError) return null;
    throw error;
  }
}

/** `keys listener --public`: a new key and a certificate that signs itself. */
export async function replacePublicListener(
  stated: string | undefined,
  hosts: readonly string[],
  clock: Clock,
): Promise<Outcome> {
  const directory = stated ?? readKeysSettings().directory;
  const { environment } = new DirectoryCustody(directory).load();
  const now = new Date(clock.now());
  const files = await makePublicListener({ environment, hosts, now });
  const before = await replaceFolder(directory, 'public-listener', files, now);
  return done(
    { directory, hosts, before },
    `Issued a certificate for ${hosts.join(', ')}. What was there is in ${before}. Servers that run show it ${WITHIN_SECONDS}.`,
  );
}
