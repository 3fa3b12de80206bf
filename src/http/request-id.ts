import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ATTEMPT_ID_HEADER } from '@tax-control/protocol';
import { namedAttemptIds } from './attempt-id.js';
import type { Listeners } from './listeners.js';

/**
 * The id of a request in log, answer and problem. A till's request bears the id of the attempt that the till keeps in its own log, so that one
 * search finds both sides; a list bears the first of its attempts. Others get a new one: no stranger chooses what an official's trail says.
 */
export function requestIdOf(request: IncomingMessage, listeners: Listeners): string {
  const header = request.headers[ATTEMPT_ID_HEADER];
  if (typeof header !== 'string' || listeners.nameOf(request) !== 'terminals') return randomUUID();
  return namedAttemptIds(header)[0] ?? randomUUID();
}
