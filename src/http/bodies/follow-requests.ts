import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { BodyReservation } from './body-budget.js';

const reservations = new WeakMap<IncomingMessage, Followed>();

interface Followed {
  readonly reservation: BodyReservation;
  /** Whether a handler works with the body: then it is in memory, whether its client listens or not. */
  isInWork: boolean;
}

/** What a request holds of the budget; undefined: nothing, because it has no body. */
export function reservationOf(request: IncomingMessage): BodyReservation | undefined {
  return reservations.get(request)?.reservation;
}

/**
 * Ties a reservation to its request. It ends with the work of the handler; where no handler begins, with the answer
 * (a refusal) or with the connection, whichever is first.
 */
export function followRequest(reservation: BodyReservation, request: IncomingMessage, reply: FastifyReply): void {
  const followed: Followed = { reservation, isInWork: false };
  reservations.set(request, followed);
  const { socket } = request;
  const end = (): void => {
    if (!followed.isInWork) reservation.release();
  };
  reply.raw.once('close', end);
  // An answer that waits behind another one (pipelined) does not hear of its connection's end.
  const ends = endsOf(socket);
  ends.add(end);
  reservation.afterwards(() => ends.delete(end));
}

/** What is to be done at the end of each connection: many requests may wait on one, and each of them is one entry here. */
const endsOfSockets = new WeakMap<Socket, Set<() => void>>();

function endsOf(socket: Socket): Set<() => void> {
  const known = endsOfSockets.get(socket);
  if (known !== undefined) return known;
  const ends = new Set<() => void>();
  endsOfSockets.set(socket, ends);
  socket.once('close', () => {
    for (const end of ends) end();
  });
  return ends;
}

/** Keeps what a request holds while its body, which was read, waits for something, whether its client listens or not. */
export async function holdWhile<T>(request: IncomingMessage, wait: Promise<T>): Promise<T> {
  const followed = reservations.get(request);
  if (followed === undefined) return wait;
  followed.isInWork = true;
  try {
    return await wait;
  } finally {
    followed.isInWork = false;
    if (request.socket.destroyed) followed.reservation.release();
  }
}

/** Lets handlers that are registered from now on end the reservations of their requests. */
export function followHandlers(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    const { handler } = route;
    route.handler = function (request, reply) {
      const followed = reservations.get(request.raw);
      if (followed === undefined) return handler.call(this, request, reply);
      followed.isInWork = true;
      const end = (): void => followed.reservation.release();
      try {
        const result: unknown = handler.call(this, request, reply);
        if (result instanceof Promise) result.then(end, end);
        else end();
        return result;
      } catch (error) {
        end();
        throw error;
      }
    };
  });
}
