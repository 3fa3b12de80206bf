import type { IncomingMessage } from 'node:http';
import { LISTENER_NAMES } from './listener.js';
import type { Listeners } from './listeners.js';

/** Stands for a request that came by no listener: no route bears it. */
const NO_LISTENER = 'none';

/**
 * The router's constraint (find-my-way) that keeps each listener to its own routes. A route without listener matches no
 * request, because the listener of a request can always be derived.
 */
export function listenerConstraint(listeners: Listeners) {
  return {
    name: 'listener',
    mustMatchWhenDerived: true,
    storage: () => new Map(),
    deriveConstraint: (request: unknown): string => listeners.nameOf(request as IncomingMessage) ?? NO_LISTENER,
    validate: (value: unknown): void => {
      if (!LISTENER_NAMES.some((name) => name === value))
        throw new Error('a route names a listener that does not exist');
    },
  };
}
