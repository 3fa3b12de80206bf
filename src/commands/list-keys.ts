import type { Clock } from '@tax-control/protocol';
import { readKeysSettings, readPublicCertificate } from '../configuration/read-settings.js';
import { DirectoryCustody } from '../keys/directory-custody.js';
import type { KeyEntry } from '../keys/key-entries.js';
import { KeyRing } from '../keys/key-ring.js';
import { done, type Outcome } from './outcome.js';
import { table } from './table.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A key, and how many whole days it is still valid; below zero: it has run out; null: it has no end. */
type ListedKey = KeyEntry & { readonly daysLeft: number | null };

const USES: Readonly<Record<KeyEntry['use'], string>> = {
  in_use: 'in use',
  staged: 'staged, not used yet',
  earlier: 'earlier, still trusted',
};

/** Loads keys as the server would, and shows what may be shown. @param stated a directory; else what the settings name */
export function listKeys(stated: string | undefined, clock: Clock): Outcome {
  const directory = stated ?? readKeysSettings().directory;
  const own = stated === undefined ? readPublicCertificate() : null;
  const publicListener = own === null ? undefined : { certificate: own.certificateFile, key: own.keyFile };
  const ring = new KeyRing(new DirectoryCustody(directory, publicListener), clock);
  const nowMs = clock.now();
  const keys = ring.list().map((entry): ListedKey => ({ ...entry, daysLeft: daysLeft(entry, nowMs) }));
  const { environment, digest } = ring;
  const terminalHosts = ring.terminalHosts();
  const caDigest = ring.issuingCa().digest;
  return done(
    { directory, environment, caDigest, digest, terminalHosts, keys },
    [
      `Keys in ${directory}, ${environment} environment`,
      `Authority (SHA-256, as in invitations): ${caDigest}`,
      `This set, as servers name it in their log: ${digest}`,
      `Tills reach the servers as: ${terminalHosts.join(', ')} (each server makes its certificate for these itself)`,
      '',
      table(
        ['KEY OR CERTIFICATE', 'ID', 'USE', 'VALID UNTIL', 'DAYS LEFT'],
        keys.map((key) => [
          key.kind.replaceAll('_', ' '),
          key.kind === 'mac_key' ? `numbers from ${key.id}` : key.id,
          USES[key.use],
          key.notAfter ?? 'no end',
          String(key.daysLeft ?? ''),
        ]),
      ),
    ].join('\n'),
  );
}

function daysLeft({ notAfter }: KeyEntry, nowMs: number): number | null {
  return notAfter === null ? null : Math.floor((Date.parse(notAfter) - nowMs) / DAY_MS);
}
