import { collectDefaultMetrics, Registry } from 'prom-client';

let registry: Registry | undefined;

/**
 * Processor time, memory, file handles, garbage collection and delay of the event loop. They are of the process, and their observers can't be
 * taken away again, so there is one for all applications in it (tests run several).
 */
export function processRegistry(): Registry {
  if (registry === undefined) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
  }
  return registry;
}
