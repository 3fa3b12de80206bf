import type { FastifyInstance, FastifyReply } from 'fastify';
import { PROBLEMS, type ProblemCode } from '@tax-control/protocol';
import { Distribution, WAIT_BOUNDS_SECONDS } from '../observability/metrics/distribution.js';
import type { Sample } from '../observability/metrics/metric-words.js';
import type { Metrics } from '../observability/metrics/metrics.js';
import { LISTENER_CONSTRAINT, LISTENER_NAMES, type ListenerName } from './listener.js';
import type { Listeners } from './listeners.js';

const MILLISECONDS_PER_SECOND = 1_000;
const FIRST_REFUSAL_STATUS = 400;
const FIRST_FAILURE_STATUS = 500;
/** Stands for a cause where nothing went wrong, or where a page says it in words of its own. */
const NO_CAUSE = 'none';
/** Stands for every address that leads nowhere: clients choose those, and each would be a series of its own. */
const NO_ROUTE = 'unknown';

type RequestResult = 'answered' | 'refused' | 'failed';

/** Counts of one route. For a request that is answered as it should be, two numbers grow, and nothing is looked up. */
class RouteCounts {
  readonly durations = new Distribution(WAIT_BOUNDS_SECONDS);
  #answered = 0;
  readonly #others = new Map<string, { readonly result: RequestResult; readonly cause: string; count: number }>();

  constructor(
    readonly listener: ListenerName,
    readonly route: string,
  ) {
    // A series that is there before it grows: otherwise the first failure of all would be no increase.
    this.#of('failed', 'internal_error').count = 0;
  }

  record({ statusCode, problemCode, elapsedTime }: FastifyReply): void {
    this.durations.observe(elapsedTime / MILLISECONDS_PER_SECOND);
    if (statusCode < FIRST_REFUSAL_STATUS) this.#answered += 1;
    else this.#of(statusCode < FIRST_FAILURE_STATUS ? 'refused' : 'failed', problemCode ?? NO_CAUSE).count += 1;
  }

  samples(): Sample[] {
    const { listener, route } = this;
    return [
      { labels: { listener, route, result: 'answered', cause: NO_CAUSE }, value: this.#answered },
      ...[...this.#others.values()].map(({ result, cause, count }) => ({
        labels: { listener, route, result, cause },
        value: count,
      })),
    ];
  }

  #of(result: RequestResult, cause: ProblemCode | typeof NO_CAUSE): { count: number } {
    const key = `${result} ${cause}`;
    let counts = this.#others.get(key);
    if (counts === undefined) {
      counts = { result, cause, count: 0 };
      this.#others.set(key, counts);
    }
    return counts;
  }
}

/** Counts requests and what became of them, by route. */
export class RequestCounts {
  readonly #routes = new Map<string, RouteCounts>();

  /** Gives every route that is registered from now on a hook of its own, which knows where to count. */
  watch(fastify: FastifyInstance, listeners: Listeners): void {
    fastify.addHook('onRoute', (route) => {
      const listener = route.constraints?.[LISTENER_CONSTRAINT] as ListenerName;
      const counts = this.#countsOf(listener, route.url);
      route.onResponse = [
        ...[route.onResponse ?? []].flat(),
        (_request, reply, done) => {
          counts.record(reply);
          done();
        },
      ];
    });
    const lost = new Map(LISTENER_NAMES.map((name) => [name, this.#countsOf(name, NO_ROUTE)]));
    fastify.addHook('onResponse', (request, reply, done) => {
      if (request.is404) lost.get(listeners.nameOf(request.raw) ?? 'public')?.record(reply);
      done();
    });
  }

  offer(metrics: Metrics): void {
    metrics.counter({
      name: 'tax_control_http_requests_total',
      help: `Requests by listener, route, result (answered, refused: 4xx, failed: 5xx) and cause, one of the ${Object.keys(PROBLEMS).length} problems.`,
      labels: ['listener', 'route', 'result', 'cause'],
      read: () => [...this.#routes.values()].flatMap((counts) => counts.samples()),
    });
    metrics.histogram({
      name: 'tax_control_http_request_duration_seconds',
      help: 'From the head of a request to the last byte of its answer.',
      labels: ['listener', 'route'],
      read: () =>
        [...this.#routes.values()]
          .filter(({ durations }) => durations.cumulative().count > 0)
          .map(({ listener, route, durations }) => ({ labels: { listener, route }, distribution: durations })),
    });
  }

  /** One for each address, whatever its methods: `POST /v1/invoices` and `HEAD` are told apart by their result. */
  #countsOf(listener: ListenerName, route: string): RouteCounts {
    const key = `${listener} ${route}`;
    const counts = this.#routes.get(key) ?? new RouteCounts(listener, route);
    this.#routes.set(key, counts);
    return counts;
  }
}
