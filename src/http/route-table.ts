import type { FastifyInstance, RouteOptions } from 'fastify';
import { LISTENER_CONSTRAINT, type ListenerName } from './listener.js';
import type { RouteFacts } from './route-options.js';

interface KnownRoute {
  readonly listener: ListenerName;
  readonly method: string;
  readonly pattern: RegExp;
}

/** Every route of the application, so that an address with another method is told apart from no address (RFC 9110, 15.5.6). */
export class RouteTable {
  readonly #routes: KnownRoute[] = [];

  /**
   * Watches the routes as they are registered, and gives them their body limits.
   * @throws (while the application starts) when a route belongs to no listener
   */
  watch(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', (route) => {
      const listener = route.constraints?.[LISTENER_CONSTRAINT] as ListenerName | undefined;
      if (listener === undefined)
        throw new Error(
          `The route ${String(route.method)} ${route.url} belongs to no listener: add @Listener to its controller.`,
        );
      this.#add(route, listener);
      const { bodyBytesMax } = (route.config ?? {}) as RouteFacts;
      if (bodyBytesMax !== undefined) route.bodyLimit = bodyBytesMax;
    });
  }

  /** The methods that an address of a listener knows, sorted; none when there is no such address. */
  methodsOf(listener: ListenerName, url: string): string[] {
    const path = url.split('?', 1)[0] ?? '';
    const methods = this.#routes.filter((route) => route.listener === listener && route.pattern.test(path));
    return [...new Set(methods.map(({ method }) => method))].sort();
  }

  #add(route: RouteOptions, listener: ListenerName): void {
    const pattern = patternOf(route.url);
    for (const method of [route.method].flat()) this.#routes.push({ listener, method, pattern });
  }
}

/** `/v1/invoices/:id` and `/docs/*` as a regular expression; only what our routes use. */
function patternOf(url: string): RegExp {
  const source = url
    .split('/')
    .map((part) =>
      part.startsWith(':') ? '[^/]+' : part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replace('*', '.*'),
    )
    .join('/');
  return new RegExp(`^${source}$`);
}
