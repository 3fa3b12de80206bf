import { readKeysSettings } from '../configuration/read-settings.js';
import { DirectoryCustody } from '../keys/directory-custody.js';
import { KeyRing } from '../keys/key-ring.js';
import { makeTerminalListener } from '../keys/make-keys.js';
import { replaceFolder } from '../keys/write-keys.js';
import { done, type Outcome } from './outcome.js';

/** `keys listener`: a new key and certificate for the terminals' listener, of the same authority. */
export async function replaceListener(stated: string | undefined, hosts: readonly string[]): Promise<Outcome> {
  const directory = stated ?? readKeysSettings().directory;
  const ring = new KeyRing(new DirectoryCustody(directory));
  const { certificate, key } = ring.issuingCa();
  const now = new Date();
  const request = { environment: ring.environment, hosts, now };
  const files = await makeTerminalListener(request, { certificate: certificate.raw, key });
  const before = await replaceFolder(directory, 'terminal-listener', files, now);
  return done(
    { directory, hosts, before },
    `Issued a certificate for ${hosts.join(', ')}. What was there is in ${before}. Restart the servers to use it.`,
  );
}
