import type { FastifyReply } from 'fastify';
import type { BillingInterface } from '../api.js';
import type { Lanes } from './lanes.js';
import { sendProblem } from './replies.js';
import type { Stopping } from './stopping.js';

/** What the routes of an agent share. */
export interface AgentContext {
  readonly lanes: Lanes;
  readonly stopping: Stopping;
  /** Version of this software, shown by health and in the OpenAPI document. */
  readonly version: string;
}

/** The open till of a terminal; null after the problem was sent. */
export async function tillOrProblem(
  { lanes }: AgentContext,
  terminalId: string,
  reply: FastifyReply,
): Promise<BillingInterface | null> {
  const lane = await lanes.till(terminalId);
  if (lane.state === 'open') return lane.till;
  if (lane.state === 'unknown') sendProblem(reply, 'terminal_not_here');
  else sendProblem(reply, 'terminal_unavailable', { detail: lane.detail });
  return null;
}
