import {
  ATTEMPT_ID_HEADER,
  type CertificateAnswer,
  type CertificateRequest,
  type Holding,
  type HoldingsAnswer,
  type HoldingsRequest,
  type IssueAnswer,
  type IssueRequest,
  type JournalAnswer,
  LIMITS,
  type LogEntry,
  type LogUploadAnswer,
  type LogUploadRequest,
  type OriginalAnswer,
  type OriginalName,
  type ReissueAnswer,
  type ReissueRequest,
  type RestorationAnswer,
  type RestorationRequest,
} from '@tax-control/protocol';
import type { HttpAnswer } from './exchange.js';
import type { Line, Passage, SendBounds } from './line.js';
import {
  type CallFailure,
  readAnswer,
  readCertificateAnswer,
  readHoldingsAnswer,
  type Reading,
  readIssueAnswer,
  readJournalAnswer,
  readLogUploadAnswer,
  readOriginalAnswer,
  readReissueAnswer,
  readRestorationAnswer,
  readTextMember,
} from './read-answer.js';

/** What came of one call, and how it went. */
export type CallResult<T> = Reading<T> & { readonly passage: Passage };

/** `jws`: null when the document that the till has is the newest. */
export interface FetchedParameters {
  readonly jws: string | null;
  readonly etag: string | null;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const NOT_MODIFIED = 304;
const OK = 200;

/** The calls of the terminal listener. Never rejects; nothing that comes back is believed yet. */
export class ServerCalls {
  constructor(private readonly line: Line) {}

  /** @param said what else the request says: see `IssueRequest` */
  issue(
    jws: string,
    attemptId: string,
    bounds: SendBounds,
    said: Omit<IssueRequest, 'invoice'> = {},
  ): Promise<CallResult<IssueAnswer>> {
    const request: IssueRequest = { invoice: jws, ...said };
    return this.#post('/v1/invoices', request, bounds, readIssueAnswer, attemptId);
  }

  /** @param attemptIds one for each invoice, in the same order */
  reissue(
    invoices: readonly string[],
    attemptIds: readonly string[],
    bounds: SendBounds,
    said: Omit<ReissueRequest, 'invoices'> = {},
  ): Promise<CallResult<ReissueAnswer>> {
    const request: ReissueRequest = { invoices, ...said };
    const read = (body: unknown) => readReissueAnswer(body, invoices.length);
    return this.#post('/v1/reissues', request, bounds, read, attemptIds.join(','));
  }

  /** Which receipts the server has forgotten. */
  findMissing(request: HoldingsRequest, bounds: SendBounds): Promise<CallResult<HoldingsAnswer>> {
    return this.#post('/v1/holdings', request, bounds, readHoldingsAnswer);
  }

  restore(items: readonly Holding[], bounds: SendBounds): Promise<CallResult<RestorationAnswer>> {
    const request: RestorationRequest = { items };
    return this.#post('/v1/restorations', request, bounds, (body) => readRestorationAnswer(body, items.length));
  }

  uploadLog(entries: readonly LogEntry[], bounds: SendBounds): Promise<CallResult<LogUploadAnswer>> {
    const request: LogUploadRequest = { entries };
    return this.#post('/v1/transaction-logs', request, bounds, readLogUploadAnswer);
  }

  /** @param der of a certificate that this till signed with */
  showCertificate(der: Buffer, bounds: SendBounds): Promise<CallResult<CertificateAnswer>> {
    const request: CertificateRequest = { certificate: der.toString('base64') };
    return this.#post('/v1/certificates', request, bounds, readCertificateAnswer);
  }

  /** What the server has on file of an invoice of this till's taxpayer. */
  original(name: OriginalName, bounds: SendBounds): Promise<CallResult<OriginalAnswer>> {
    const path = 'code' in name ? name.code : `${encodeURIComponent(name.terminalId)}/${name.invoiceId}`;
    return this.#get(`/v1/originals/${path}`, {}, bounds, (answer) => readAnswer(answer, readOriginalAnswer));
  }

  /**
   * What the server has of a journal of this till.
   * @param after a counter, or `next` of the page before
   */
  journal(journalId: string, after: string, bounds: SendBounds): Promise<CallResult<JournalAnswer>> {
    const path = `/v1/journals/${journalId}/invoices?after=${after}`;
    // The longest invoice comes alone, in an answer that is longer than any other.
    const read = (answer: HttpAnswer) => readAnswer(answer, readJournalAnswer);
    return this.#get(path, {}, bounds, read, LIMITS.requestBytesMax);
  }

  /** The signed echo as compact JWS. */
  echo(nonce: string, bounds: SendBounds): Promise<CallResult<string>> {
    return this.#post('/v1/echo', { nonce }, bounds, (body) => readTextMember(body, 'echo'));
  }

  parameters(etag: string | null, bounds: SendBounds): Promise<CallResult<FetchedParameters>> {
    const headers = etag === null ? {} : { 'if-none-match': etag };
    return this.#get('/v1/parameters', headers, bounds, readParametersAnswer);
  }

  async #get<T>(
    path: string,
    headers: Readonly<Record<string, string>>,
    bounds: SendBounds,
    read: (answer: HttpAnswer) => Reading<T>,
    answerBytesMax: number = LIMITS.answerBytesMax,
  ): Promise<CallResult<T>> {
    const sent = await this.line.send({ method: 'GET', path, headers, answerBytesMax }, bounds);
    return { ...reading(sent, read), passage: sent.passage };
  }

  async #post<T>(
    path: string,
    body: unknown,
    bounds: SendBounds,
    read: (body: unknown) => T | null,
    attemptId?: string,
  ): Promise<CallResult<T>> {
    const headers = { ...JSON_TYPE, ...(attemptId !== undefined && { [ATTEMPT_ID_HEADER]: attemptId }) };
    const sent = await this.line.send({ method: 'POST', path, headers, body: JSON.stringify(body) }, bounds);
    return { ...reading(sent, (answer) => readAnswer(answer, read)), passage: sent.passage };
  }
}

type Sent =
  | { readonly ok: true; readonly answer: HttpAnswer }
  | { readonly ok: false; readonly failure: Omit<CallFailure, 'problem'> };

function reading<T>(sent: Sent, read: (answer: HttpAnswer) => Reading<T>): Reading<T> {
  return sent.ok ? read(sent.answer) : { ok: false, failure: { ...sent.failure, problem: null } };
}

function readParametersAnswer(answer: HttpAnswer): Reading<FetchedParameters> {
  if (answer.status === NOT_MODIFIED) return { ok: true, value: { jws: null, etag: answer.etag } };
  if (answer.status === OK) return { ok: true, value: { jws: answer.body.toString('utf8').trim(), etag: answer.etag } };
  return readAnswer<FetchedParameters>(answer, () => null);
}
