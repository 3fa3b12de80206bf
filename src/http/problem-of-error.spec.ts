import { HttpException, NotFoundException } from '@nestjs/common';
import { expect, it } from 'vitest';
import { problem } from '@tax-control/protocol';
import { OutcomeUnknown } from '../database/transaction.js';
import { problemOfError } from './problem-of-error.js';
import { RequestRefused } from './request-refused.js';

const withCode = (code: string) => Object.assign(new Error('sentence'), { code });
/** What the framework makes of Fastify's own errors. */
const wrapped = (code: string, status: number) => new HttpException('sentence', status, { cause: withCode(code) });

it.each<[string, unknown, string, boolean]>([
  ['a refusal', new RequestRefused(problem('terminal_suspended')), 'terminal_suspended', true],
  [
    'an error that bears a problem',
    Object.assign(new Error('x'), { problem: problem('parameters_missing') }),
    'parameters_missing',
    true,
  ],
  ['a body too large', wrapped('FST_ERR_CTP_BODY_TOO_LARGE', 413), 'request_too_large', true],
  ['a body of another type', wrapped('FST_ERR_CTP_INVALID_MEDIA_TYPE', 415), 'media_type_not_supported', true],
  ['an address that is not there', new NotFoundException(), 'not_found', true],
  ['a refusal of the framework that we do not know', new HttpException('sentence', 422), 'invalid_request', true],
  ['a failure of the framework', new HttpException('sentence', 502), 'internal_error', false],
  ['a database that does not answer', withCode('ECONNREFUSED'), 'database_unavailable', false],
  [
    'a database that restarts',
    Object.assign(new Error('x'), { driverError: withCode('57P01') }),
    'database_unavailable',
    false,
  ],
  ['a commit without answer', new OutcomeUnknown(withCode('ECONNRESET')), 'outcome_unknown', false],
  ['a broken rule of the database', withCode('23503'), 'internal_error', false],
  [
    'an error with something else called problem',
    Object.assign(new Error('x'), { problem: { type: 'about:blank' } }),
    'internal_error',
    false,
  ],
  ['a bug', new TypeError('x is not a function'), 'internal_error', false],
  ['no error at all', null, 'internal_error', false],
])('%s', (_what, error, code, expected) => {
  const answer = problemOfError(error);
  expect([answer.problem.code, answer.expected]).toEqual([code, expected]);
});
