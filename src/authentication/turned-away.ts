import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ATTEMPT_ID_HEADER, type Door } from '@tax-control/protocol';
import { namedAttemptIds } from '../http/attempt-id.js';
import { type ServerEvent, ServerEvents } from '../observability/server-events.js';
import type { Caller } from './caller.js';
import { RefusedAuthentications } from './refused-authentications.js';
import type { AuthenticationRefusal } from './standing.js';

/** Routes at which a request is an attempt. */
const DOORS: Readonly<Record<string, Door>> = { '/v1/invoices': 'issue', '/v1/reissues': 'reissue' };

/** Writes down requests that are turned away before a door hears of them, so that statistics tell them like all others. */
@Injectable()
export class TurnedAway {
  constructor(
    private readonly events: ServerEvents,
    private readonly refused: RefusedAuthentications,
  ) {}

  /** A known terminal that names its attempts: those are failures of its own, and in no count of strangers. */
  notAuthenticated(request: FastifyRequest, caller: Caller, cause: AuthenticationRefusal): void {
    const terminalId = caller.terminal?.terminalId;
    const recorded = terminalId !== undefined && this.attempts(request, terminalId, 'not_authenticated', cause);
    if (!recorded) this.refused.record(cause, caller, request.ip);
  }

  /** A till gives up an invoice that is too long, and keeps those of a list that is. */
  tooLong(request: FastifyRequest, terminalId: string): void {
    const outcome = doorOf(request) === 'reissue' ? 'failed' : 'refused';
    this.attempts(request, terminalId, outcome, 'request_too_large');
  }

  /** @returns false where nothing is kept: the request is no attempt, or names none, or there is no room */
  attempts(
    request: FastifyRequest,
    terminalId: string,
    outcome: ServerEvent['outcome'],
    cause: ServerEvent['cause'],
  ): boolean {
    const door = doorOf(request);
    const header = request.headers[ATTEMPT_ID_HEADER];
    if (door === undefined || typeof header !== 'string') return false;
    const recorded = namedAttemptIds(header).map((attemptId) =>
      this.events.record({ terminalId, attemptId, door, outcome, cause }),
    );
    return recorded.includes(true);
  }
}

function doorOf(request: FastifyRequest): Door | undefined {
  return DOORS[request.routeOptions.url ?? ''];
}
