import { Global, Module } from '@nestjs/common';
import { Settings } from '../configuration/settings.js';
import { Metrics } from '../observability/metrics/metrics.js';
import { DirectoryCustody } from './directory-custody.js';
import { offerKeyMetrics } from './key-metrics.js';
import { KeyRing } from './key-ring.js';
import { TerminalListener } from './terminal-listener.js';

/** Loads the keys once, at start; the server does not start without them. */
@Global()
@Module({
  providers: [
    {
      provide: KeyRing,
      inject: [Settings],
      useFactory: ({ keys, listeners }: Settings): KeyRing => {
        const own = listeners.public.certificate;
        const publicListener = own === null ? undefined : { certificate: own.certificateFile, key: own.keyFile };
        return new KeyRing(new DirectoryCustody(keys.directory, publicListener));
      },
    },
    { provide: TerminalListener, inject: [KeyRing], useFactory: (keys: KeyRing) => TerminalListener.of(keys) },
  ],
  exports: [KeyRing, TerminalListener],
})
export class KeysModule {
  constructor(metrics: Metrics, keys: KeyRing, listener: TerminalListener) {
    offerKeyMetrics(metrics, keys, listener);
  }
}
