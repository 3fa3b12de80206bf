import { readKeysSettings } from '../configuration/read-settings.js';
import { DirectoryCustody } from '../keys/directory-custody.js';
import { makePublicListener, makeTerminalListener } from '../keys/make-parts.js';
import { replaceFolder } from '../keys/write-keys.js';
import { done, type Outcome } from './outcome.js';

/** `keys listener`: a new key and certificate for a listener; the terminals' one of the same authority. */
export async function replaceListener(
  stated: string | undefined,
  hosts: readonly string[],
  folder: 'terminal-listener' | 'public-listener',
): Promise<Outcome> {
  const directory = stated ?? readKeysSettings().directory;
  const { environment, authority } = new DirectoryCustody(directory).load();
  const now = new Date();
  const request = { environment, hosts, now };
  const files =
    folder === 'public-listener'
      ? await makePublicListener(request)
      : await makeTerminalListener(request, { certificate: authority.certificate.raw, key: authority.key });
  const before = await replaceFolder(directory, folder, files, now);
  return done(
    { directory, folder, hosts, before },
    `Issued a certificate for ${hosts.join(', ')}. What was there is in ${before}. ` +
      'Servers that run show it within seconds (their log says: keys taken).',
  );
}
