import type { FastifyReply } from 'fastify';
import type { SaleResult } from '../api.js';
import { type AgentProblem, type AgentProblemCode, agentProblem, PROBLEM_MEDIA_TYPE } from './agent-problem.js';
import { SALE_STATUSES, saleBody } from './sale-status.js';

const JSON_MEDIA_TYPE = 'application/json; charset=utf-8';

/** Headers of every answer: nobody keeps what is about a sale, and nobody takes an answer for something else than its Content-Type says. */
export const ANSWER_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

/** Answers with a problem of the agent. */
export function sendProblem(
  reply: FastifyReply,
  code: AgentProblemCode,
  facts?: Pick<AgentProblem, 'detail'> | Pick<AgentProblem, 'errors'>,
): FastifyReply {
  const problem = agentProblem(code, facts);
  return reply.code(problem.status).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(problem));
}

/** Answers with the result of a sale, under the status that stands for it. `beside`: what was asked for beyond the result. */
export function sendSale(reply: FastifyReply, result: SaleResult, beside: object = {}): FastifyReply {
  return sendSaleAs(reply, SALE_STATUSES[result.result], result, beside);
}

/** Answers with what became of a sale: found is 200, whatever it is. */
export function sendLookUp(reply: FastifyReply, result: SaleResult, beside: object = {}): FastifyReply {
  const found = result.result === 'issued' || result.result === 'stored_offline' || result.result === 'refused';
  return sendSaleAs(reply, found ? 200 : SALE_STATUSES[result.result], result, beside);
}

function sendSaleAs(reply: FastifyReply, status: number, result: SaleResult, beside: object): FastifyReply {
  const body = status < 400 ? result : saleBody(result);
  return reply
    .code(status)
    .type(status < 400 ? JSON_MEDIA_TYPE : PROBLEM_MEDIA_TYPE)
    .send(JSON.stringify({ ...body, ...beside }));
}
