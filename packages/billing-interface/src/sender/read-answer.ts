import {
  type CertificateAnswer,
  type FailureCause,
  type HoldingsAnswer,
  type InvoiceResult,
  isProblemCode,
  type IssueAnswer,
  type JournalAnswer,
  journalAnswerSchema,
  JOURNAL_CURSOR_PATTERN,
  type LogUploadAnswer,
  type OriginalAnswer,
  originalAnswerSchema,
  type Problem,
  problem,
  type ReissueAnswer,
  type RestorationAnswer,
  type RestorationResult,
  type Standing,
  tolerant,
  validator,
  type Warning,
  parseJsonBytes,
} from '@tax-control/protocol';
import type { HttpAnswer } from './exchange.js';
import { classOfCause, type Failure } from './failure-cause.js';

/** A failure with what the server said of it, where it said something. */
export interface CallFailure extends Failure {
  readonly problem: Problem | null;
}

export type Reading<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: CallFailure };

const SERVER_ERRORS = 500;
const DETAIL_LENGTH_MAX = 200;

/** Reads an answer of 200 by its shape, everything else as a problem. Members that a newer server adds are ignored. */
export function readAnswer<T>(answer: HttpAnswer, read: (body: unknown) => T | null): Reading<T> {
  const body = parse(answer.body);
  if (answer.status === 200) {
    const value = read(body);
    return value === null ? unreadable('The answer has not the agreed shape.') : { ok: true, value };
  }
  const stated = readProblem(body);
  if (stated !== null) return failed(stated.code, stated.detail, stated);
  const named = isObject(body) && typeof body['code'] === 'string' ? body['code'] : null;
  const detail = `HTTP ${answer.status}${named === null ? '' : `, ${named}`}`.slice(0, DETAIL_LENGTH_MAX);
  if (answer.status >= SERVER_ERRORS) return failed('server_error', detail);
  return named === null ? unreadable(detail) : failed('unknown', detail);
}

export function readIssueAnswer(body: unknown): IssueAnswer | null {
  const standing = readStanding(body);
  const result = readResult(body);
  return standing !== null && result !== null && 'receipt' in result ? { ...result, ...standing } : null;
}

/** @param sent how many invoices were sent: as many results have to come back */
export function readReissueAnswer(body: unknown, sent: number): ReissueAnswer | null {
  const standing = readStanding(body);
  if (standing === null || !isObject(body) || !Array.isArray(body['results'])) return null;
  const results = body['results'].map(readResult).filter((result) => result !== null);
  return results.length === sent && body['results'].length === sent ? { results, ...standing } : null;
}

export function readLogUploadAnswer(body: unknown): LogUploadAnswer | null {
  if (!isObject(body) || !isCount(body['new']) || !isCount(body['repeated']) || !Array.isArray(body['invalid']))
    return null;
  const invalid: LogUploadAnswer['invalid'][number][] = [];
  for (const item of body['invalid']) {
    if (!isObject(item) || !isCount(item['index'])) return null;
    invalid.push({ index: item['index'], problem: readProblem(item['problem']) ?? problem('entry_invalid') });
  }
  return { new: body['new'], repeated: body['repeated'], invalid };
}

export function readCertificateAnswer(body: unknown): CertificateAnswer | null {
  const result = readTextMember(body, 'result');
  return result === 'taken' || result === 'known' ? { result } : null;
}

export function readHoldingsAnswer(body: unknown): HoldingsAnswer | null {
  if (!isObject(body) || !Array.isArray(body['missing'])) return null;
  const { missing, lastJump, keptUpTo } = body;
  const isWhole = missing.every((code) => typeof code === 'string') && isCountOrNull(lastJump);
  // Below the first number where an installation is young.
  return isWhole && (keptUpTo === null || Number.isSafeInteger(keptUpTo))
    ? { missing, lastJump, keptUpTo: keptUpTo as number | null }
    : null;
}

/** @param sent how many were presented: as many results have to come back */
export function readRestorationAnswer(body: unknown, sent: number): RestorationAnswer | null {
  if (!isObject(body) || !Array.isArray(body['results']) || body['results'].length !== sent) return null;
  const results = body['results'].map(readRestorationResult).filter((result) => result !== null);
  return results.length === sent ? { results } : null;
}

function readRestorationResult(body: unknown): RestorationResult | null {
  if (!isObject(body)) return null;
  const { result } = body;
  if (result === 'restored' || result === 'on_file') return { result };
  if (result !== 'refused' && result !== 'deferred') return null;
  return { result, problem: readProblem(body['problem']) ?? problem('internal_error') };
}

const originalShape = validator<OriginalAnswer>(tolerant(originalAnswerSchema));

export function readOriginalAnswer(body: unknown): OriginalAnswer | null {
  return originalShape.accepts(body) ? body : null;
}

const journalShape = validator<JournalAnswer>(tolerant(journalAnswerSchema));
const JOURNAL_CURSOR = new RegExp(JOURNAL_CURSOR_PATTERN);

/** A cursor goes into the next address: it has to be one. */
export function readJournalAnswer(body: unknown): JournalAnswer | null {
  if (!journalShape.accepts(body) || (body.next !== null && !JOURNAL_CURSOR.test(body.next))) return null;
  const invoices = body.invoices.map((one) =>
    'problem' in one ? { ...one, problem: readProblem(one.problem) ?? problem('internal_error') } : one,
  );
  return { ...body, invoices };
}

/** The one text member of an answer, such as `{echo}`. */
export function readTextMember(body: unknown, name: string): string | null {
  const text = isObject(body) ? body[name] : null;
  return typeof text === 'string' ? text : null;
}

/** A problem whose code this version knows; what else the server sent with it is taken as far as it has the right type. */
export function readProblem(body: unknown): Problem | null {
  if (!isObject(body) || typeof body['code'] !== 'string' || !isProblemCode(body['code'])) return null;
  const { detail, retryAfterMs, allowed, errors, requestId } = body;
  return problem(body['code'], {
    ...(typeof detail === 'string' && { detail }),
    ...(isCount(retryAfterMs) && { retryAfterMs }),
    ...(isCount(allowed) && { allowed }),
    ...(Array.isArray(errors) && { errors: errors.filter(isFault) }),
    ...(typeof requestId === 'string' && { requestId }),
  });
}

function readResult(body: unknown): InvoiceResult | null {
  if (!isObject(body)) return null;
  const { result, receipt, warnings } = body;
  if (result === 'issued' || result === 'already_issued') {
    if (typeof receipt !== 'string' || !Array.isArray(warnings)) return null;
    return { result, receipt, warnings: warnings.filter(isWarning) };
  }
  if (result !== 'refused' && result !== 'deferred') return null;
  const stated = readProblem(body['problem']);
  // A refusal whose code only a newer version knows parks nothing: the entry waits until this version understands it.
  return stated === null
    ? {
        result: 'deferred',
        problem: problem('internal_error', { detail: 'The server named a problem that this version does not know.' }),
      }
    : { result, problem: stated };
}

function readStanding(body: unknown): Standing | null {
  if (!isObject(body)) return null;
  const { allowance, lastCounter, lastJump, newestKnown } = body;
  const isStanding = isCount(allowance) && isCountOrNull(lastCounter) && isCountOrNull(lastJump);
  return isStanding && typeof newestKnown === 'boolean' ? { allowance, lastCounter, lastJump, newestKnown } : null;
}

function parse(body: Buffer): unknown {
  return parseJsonBytes(body)?.value ?? null;
}

function unreadable(detail: string): { ok: false; failure: CallFailure } {
  return failed('answer_unreadable', detail);
}

function failed(
  cause: FailureCause,
  detail: string,
  stated: Problem | null = null,
): { ok: false; failure: CallFailure } {
  return { ok: false, failure: { cause, class: classOfCause(cause), detail, problem: stated } };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isFault(value: unknown): value is { pointer: string; detail: string } {
  return isObject(value) && typeof value['pointer'] === 'string' && typeof value['detail'] === 'string';
}

function isCountOrNull(value: unknown): value is number | null {
  return value === null || isCount(value);
}

/** Warnings of a newer catalogue are kept as they are: they only inform. */
function isWarning(value: unknown): value is Warning {
  return isObject(value) && typeof value['code'] === 'string' && typeof value['detail'] === 'string';
}
