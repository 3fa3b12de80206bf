import type { FastifyReply } from 'fastify';
import type { Problem, ProblemCode } from '@tax-control/protocol';

declare module 'fastify' {
  interface FastifyReply {
    /** The problem that was answered, for who counts. */
    problemCode?: ProblemCode;
  }
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

const MILLISECONDS_PER_SECOND = 1_000;

/** Schemes of authentication to offer with a 401 (RFC 9110, 11.6.1). A client certificate has none registered. */
const CHALLENGES: Partial<Record<ProblemCode, string>> = {
  enrolment_secret_wrong: 'Basic realm="enrolment", charset="UTF-8"',
};

/** Gives a reply the status and headers of a problem (RFC 9457, RFC 9110 10.2.3), and the problem its request's id. */
export function dressProblem(reply: FastifyReply, problem: Problem): Problem {
  reply.problemCode = problem.code;
  reply.code(problem.status).header('content-type', PROBLEM_MEDIA_TYPE).header('cache-control', 'no-store');
  if (problem.retryAfterMs !== undefined)
    reply.header('retry-after', Math.ceil(problem.retryAfterMs / MILLISECONDS_PER_SECOND));
  const challenge = CHALLENGES[problem.code];
  if (challenge !== undefined) reply.header('www-authenticate', challenge);
  return { ...problem, requestId: reply.request.id };
}

/** Answers with a problem. */
export function sendProblem(reply: FastifyReply, problem: Problem): void {
  const body = dressProblem(reply, problem);
  void reply.send(JSON.stringify(body));
}
