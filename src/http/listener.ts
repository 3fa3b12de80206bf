import { RouteConstraints } from '@nestjs/platform-fastify';
import { METHOD_METADATA } from '@nestjs/common/constants.js';

/** The three doors of the one application (docs/decisions/0001). */
export const LISTENER_NAMES = ['terminals', 'public', 'operator'] as const;
export type ListenerName = (typeof LISTENER_NAMES)[number];

/** Name of the router's constraint that binds a route to its listener. */
export const LISTENER_CONSTRAINT = 'listener';

/**
 * Binds every route of a controller to one listener. A controller without it stops the server at start: no route may
 * be reachable by accident (see route-table.ts).
 */
export function Listener(name: ListenerName): ClassDecorator {
  return (controller) => {
    const prototype = controller.prototype as Record<string, unknown>;
    for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      const isRoute = typeof descriptor.value === 'function' && Reflect.hasMetadata(METHOD_METADATA, descriptor.value);
      if (isRoute) RouteConstraints({ [LISTENER_CONSTRAINT]: name })(prototype, key, descriptor);
    }
  };
}
