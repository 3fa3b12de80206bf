import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { RouteConfig } from '@nestjs/platform-fastify';

/** What our routes tell the HTTP layer about themselves (Fastify's `config` of a route). */
export interface RouteFacts {
  /** Largest body in bytes; {@link SHORT_BODY_BYTES_MAX} where a route says nothing. */
  readonly bodyBytesMax?: number;
  /** Codes of what may be wrong with a caller whom it serves all the same; none where a route says nothing. */
  readonly tolerates?: ReadonlySet<string>;
  /** Serves callers without a certificate; they may send {@link SHORT_BODY_BYTES_MAX} at most. */
  readonly admitsStrangers?: boolean;
  /** Takes a form of a page (`application/x-www-form-urlencoded`), which nothing else does. */
  readonly takesForms?: boolean;
}

const FACTS = Symbol('route facts');

/** Largest body of a route, in bytes: a route that needs little takes no more, whoever calls. */
export function BodyLimit(bodyBytesMax: number): MethodDecorator {
  return describeRoute({ bodyBytesMax });
}

/** Takes a page's form; the body is a `URLSearchParams`, or undefined where nothing was sent. */
export function TakesForms(): MethodDecorator {
  return describeRoute({ takesForms: true });
}

/** Tells facts of one route, or of every route of a controller that does not tell them itself. */
export function describeRoutes(facts: RouteFacts): ClassDecorator & MethodDecorator {
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor): void => {
    if (key !== undefined && descriptor !== undefined) return void describeRoute(facts)(target, key, descriptor);
    const { prototype } = target as { prototype: object };
    for (const [name, route] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      const isRoute = typeof route.value === 'function' && Reflect.hasMetadata(METHOD_METADATA, route.value);
      const known = (Reflect.getMetadata(FACTS, prototype, name) ?? {}) as RouteFacts;
      if (isRoute) describeRoute({ ...facts, ...known })(prototype, name, route);
    }
  };
}

function describeRoute(facts: RouteFacts): MethodDecorator {
  return (prototype, key, descriptor) => {
    const known = (Reflect.getMetadata(FACTS, prototype, key) ?? {}) as RouteFacts;
    const all = { ...known, ...facts };
    Reflect.defineMetadata(FACTS, all, prototype, key);
    RouteConfig(all)(prototype, key, descriptor);
  };
}
