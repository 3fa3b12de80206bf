import { Global, Module } from '@nestjs/common';
import { Clock } from '@tax-control/protocol';
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
      inject: [Settings, Clock],
      useFactory: ({ keys, listeners }: Settings, clock: Clock): KeyRing => {
        const own = listeners.public.certificate;
        const publicListener = own === null ? undefined : { certificate: own.certificateFile, key: own.keyFile };
        return new KeyRing(new DirectoryCustody(keys.directory, publicListener), clock);
      },
    },
    {
      provide: TerminalListener,
      inject: [KeyRing, Clock],
      useFactory: (keys: KeyRing, clock: Clock) => TerminalListener.of(keys, clock),
    },
  ],
  exports: [KeyRing, TerminalListener],
})
export class KeysModule {
  constructor(metrics: Metrics, keys: KeyRing, listener: TerminalListener) {
    offerKeyMetrics(metrics, keys, listener);
  }
}
