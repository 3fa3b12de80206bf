import { KeyFilesError } from '../keys/key-files-error.js';
import type { KeyRing } from '../keys/key-ring.js';
import { KeyWatch } from '../keys/key-watch.js';
import type { TerminalListener } from '../keys/terminal-listener.js';
import type { Log } from '../observability/log.js';
import type { ListenerMaterials } from './listeners.js';

/** Between two looks whether it is time for another certificate, milliseconds: after a clock was set, tills wait for no longer. */
const RENEWAL_LOOK_MS = 5_000;

/** The certificates of the two TLS listeners; of tills those are good that any authority issued whose certificates are good. */
export function listenerMaterials(keys: KeyRing, terminals: TerminalListener): ListenerMaterials {
  return {
    terminals: { ...terminals.material(), ca: keys.authorities().map(String).join('') },
    public: keys.publicListener(),
  };
}

/** Sees to it that the listeners show what there is to show, until its end. */
export interface KeysInUse {
  /** Reads the key files at once. */
  reload(): void;
  end(): void;
}

/**
 * Follows the key files while the server runs, and writes down what became of each change; renews the certificate of the terminals'
 * listener in time. @param show gives the listeners their certificates
 */
export function watchKeys(keys: KeyRing, terminals: TerminalListener, show: () => void, log: Log): KeysInUse {
  const renew = async (): Promise<void> => {
    try {
      if (await terminals.renew()) show();
    } catch (error) {
      log.error('the certificate of the terminals’ listener was not renewed, the one in use stays', {}, error);
    }
  };
  const take = async (): Promise<void> => {
    const { digest } = keys;
    const facts = { digest, signs: keys.receiptSigner().kid, issues: keys.issuingCa().digest };
    await renew();
    // The public listener's certificate and the authorities of tills, too, and also where the renewal failed.
    show();
    log.info('keys taken', facts);
  };
  const watch = new KeyWatch(keys, {
    taken: () => void take(),
    mended: () => log.info('keys fit again, those in use stay', { digest: keys.digest }),
    refused: (error) => {
      const reason = error instanceof KeyFilesError ? error.message : 'They cannot be read.';
      log.error('keys refused, those in use stay', { reason }, error instanceof KeyFilesError ? undefined : error);
    },
  });
  watch.start();
  const timer = setInterval(() => void renew(), RENEWAL_LOOK_MS).unref();
  return {
    reload: () => watch.reload(),
    end: () => {
      watch.end();
      clearInterval(timer);
    },
  };
}
