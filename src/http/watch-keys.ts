import { KeyFilesError } from '../keys/key-files-error.js';
import type { KeyRing } from '../keys/key-ring.js';
import { KeyWatch } from '../keys/key-watch.js';
import type { Log } from '../observability/log.js';
import type { ListenerMaterials } from './listeners.js';

/** What the listeners show, and whose certificates the terminals' one asks for: every authority whose certificates are good. */
export function listenerMaterials(keys: KeyRing): ListenerMaterials {
  return {
    terminals: { ...keys.terminalListener(), ca: keys.authorities().map(String).join('') },
    public: keys.publicListener(),
  };
}

/** Follows the key files while the server runs, and writes down what became of each change. */
export function watchKeys(keys: KeyRing, secure: () => void, log: Log): KeyWatch {
  const watch = new KeyWatch(keys, {
    taken: () => {
      secure();
      const { digest } = keys;
      log.info('keys taken', { digest, signs: keys.receiptSigner().kid, issues: keys.issuingCa().digest });
    },
    mended: () => log.info('keys fit again, those in use stay', { digest: keys.digest }),
    refused: (error) => {
      const reason = error instanceof KeyFilesError ? error.message : 'They cannot be read.';
      log.error('keys refused, those in use stay', { reason }, error instanceof KeyFilesError ? undefined : error);
    },
  });
  watch.start();
  return watch;
}
