import type { DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Clock } from '@tax-control/protocol';
import { assertMemorySuffices } from '../configuration/memory-fault.js';
import { planMemory } from '../configuration/memory-plan.js';
import type { Settings } from '../configuration/settings.js';
import { KeyRing } from '../keys/key-ring.js';
import { TerminalListener } from '../keys/terminal-listener.js';
import type { Log } from '../observability/log.js';
import { Metrics } from '../observability/metrics/metrics.js';
import { createApplication } from './create-application.js';
import { ApiDocument } from './documentation/api-document.js';
import { Listeners, type ListenerAddresses } from './listeners.js';
import { RequestCounts } from './request-counts.js';
import { listenerMaterials, watchKeys } from './watch-keys.js';

/** A server that listens. */
export interface RunningServer {
  readonly application: NestFastifyApplication;
  readonly addresses: ListenerAddresses;
  readonly listeners: Pick<Listeners, 'handshakesWaiting'>;
  /** Stops accepting, finishes what is in flight (bounded), then ends the application. Idempotent. */
  stop(): Promise<void>;
  /** Reads the keys again, at once; the log says what came of it. They are looked at every few seconds anyway. */
  reloadKeys(): void;
}

/**
 * Starts the whole server: the application first (it refuses a database or keys that are not fit), the listeners last.
 * @param moduleOf makes the root module around the listeners
 * @throws when anything is not fit; nothing is left running then
 */
export async function serve(
  moduleOf: (listeners: Listeners) => DynamicModule,
  settings: Settings,
  log: Log,
  clock: Clock,
): Promise<RunningServer> {
  assertMemorySuffices(settings);
  const listeners = new Listeners(settings.limits, log, settings.listeners.proxyProtocolFrom, planMemory(settings));
  const requests = new RequestCounts();
  const application = await createApplication(moduleOf(listeners), listeners, log, clock, requests);
  const metrics = application.get(Metrics);
  requests.offer(metrics);
  metrics.gauge({
    name: 'tax_control_handshakes_waiting',
    help: 'Connections that were accepted and whose TLS handshake has not begun: many clients come at once.',
    read: () => [{ value: listeners.handshakesWaiting }],
  });
  metrics.gauge({
    name: 'tax_control_unread_answer_bytes',
    help: 'Bytes of answers that wait for their readers. What nobody reads is given up where they are too many.',
    read: () => [{ value: listeners.answers.waitingBytes }],
  });
  try {
    await application.init();
    await application.getHttpAdapter().getInstance().ready();
    application.get(ApiDocument).describe(application);
    const keys = application.get(KeyRing);
    const terminals = application.get(TerminalListener);
    const addresses = await listeners.open(settings.listeners, listenerMaterials(keys, terminals));
    const show = () => listeners.secure(settings.listeners, listenerMaterials(keys, terminals));
    const watch = watchKeys(keys, terminals, show, log);
    let stopped: Promise<void> | undefined;
    const end = (): Promise<void> => {
      watch.end();
      return stop(listeners, application);
    };
    return { application, addresses, listeners, stop: () => (stopped ??= end()), reloadKeys: () => watch.reload() };
  } catch (error) {
    // What hindered the start is what must be told, whatever goes wrong on the way out.
    await stop(listeners, application).catch(() => undefined);
    throw error;
  }
}

async function stop(listeners: Listeners, application: NestFastifyApplication): Promise<void> {
  await listeners.close();
  await application.close();
}
