import { HttpException } from '@nestjs/common';
import { isProblem, type Problem, problem, type ProblemCode } from '@tax-control/protocol';
import { isOutage } from '../database/sql-failure.js';
import { OutcomeUnknown } from '../database/transaction.js';
import { RecoveryLogUnavailable } from '../recovery-log/recovery-log.js';

/** A restart of Postgres takes two to five seconds; asking sooner only adds to the crowd. */
const DATABASE_RETRY_AFTER_MS = 3_000;
/** The commit is decided as soon as the database answers again. */
const OUTCOME_RETRY_AFTER_MS = 1_000;

/** Somebody has to make room on a disk first. */
const RECOVERY_LOG_RETRY_AFTER_MS = 30_000;

/** What the framework refuses before any controller is asked, by Fastify's stable error codes. */
const FASTIFY_PROBLEMS: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'request_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'media_type_not_supported',
  FST_ERR_CTP_INVALID_TYPE: 'media_type_not_supported',
  FST_ERR_CTP_EMPTY_TYPE: 'media_type_not_supported',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_request',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_request',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_request',
  FST_ERR_BAD_URL: 'not_found',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
  FST_ERR_NOT_FOUND: 'not_found',
};

/** How an error becomes a problem: `expected` ones need no line in the log. */
export interface ErrorProblem {
  readonly problem: Problem;
  readonly expected: boolean;
}

/**
 * The one place where exceptions become problems. What is thrown is a refusal of the framework, an outage, or a bug; the
 * last tells the client nothing but that it happened.
 */
export function problemOfError(error: unknown): ErrorProblem {
  // RequestRefused, and what a module below this one throws because it has nothing to answer with.
  if (error instanceof Error && 'problem' in error && isProblem(error.problem))
    return { problem: error.problem, expected: true };
  const refusal = frameworkProblem(error);
  if (refusal !== undefined) return { problem: problem(refusal), expected: true };
  if (error instanceof OutcomeUnknown)
    return { problem: problem('outcome_unknown', { retryAfterMs: OUTCOME_RETRY_AFTER_MS }), expected: false };
  if (error instanceof RecoveryLogUnavailable)
    return { problem: problem('server_busy', { retryAfterMs: RECOVERY_LOG_RETRY_AFTER_MS }), expected: false };
  if (isOutage(error))
    return { problem: problem('database_unavailable', { retryAfterMs: DATABASE_RETRY_AFTER_MS }), expected: false };
  return { problem: problem('internal_error'), expected: false };
}

function frameworkProblem(error: unknown): ProblemCode | undefined {
  const source = error instanceof HttpException && error.cause instanceof Error ? error.cause : error;
  const code = source instanceof Error && 'code' in source && typeof source.code === 'string' ? source.code : '';
  if (Object.hasOwn(FASTIFY_PROBLEMS, code)) return FASTIFY_PROBLEMS[code];
  if (!(error instanceof HttpException)) return undefined;
  const status = error.getStatus();
  if (status === 404) return 'not_found';
  return status >= 400 && status < 500 ? 'invalid_request' : undefined;
}
