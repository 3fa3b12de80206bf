import { RouteConfig } from '@nestjs/platform-fastify';

/** What our routes tell the HTTP layer about themselves (Fastify's `config` of a route). */
export interface RouteFacts {
  /** Largest body in bytes; the server's general limit where a route says nothing. */
  readonly bodyBytesMax?: number;
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

function describeRoute(facts: RouteFacts): MethodDecorator {
  return (prototype, key, descriptor) => {
    const known = (Reflect.getMetadata(FACTS, prototype, key) ?? {}) as RouteFacts;
    const all = { ...known, ...facts };
    Reflect.defineMetadata(FACTS, all, prototype, key);
    RouteConfig(all)(prototype, key, descriptor);
  };
}
