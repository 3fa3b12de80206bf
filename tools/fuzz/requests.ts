import { createPrivateKey, type KeyObject, randomUUID, X509Certificate } from 'node:crypto';
import { ATTEMPT_ID_HEADER, signInvoice, uuidV7 } from '@tax-control/protocol';
import { makeInvoice } from '@tax-control/protocol/testing';
import type { BenchTerminal } from '../bench/terminals.js';
import type { Random } from '../simulator/random.js';
import type { PlainRequest, Target } from './request.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const LIST_MAX = 3;
const MADE_UP_CODE = '90000000000001324383';

/**
 * Whether a request claims a code that its till was not given. The server takes its database for an older copy then, and
 * answers 503 `server_behind` until the till has proved the claim (decision 0045).
 */
export function claimsAnother(request: string, given: string | null): boolean {
  return request.includes('newestCode') && (given === null || !request.includes(`"newestCode":"${given}"`));
}

/** One till that makes every request of the terminals' listener, each of them good. */
export class GoodRequests {
  readonly #key: KeyObject;
  readonly #certificate: string;
  readonly #journalId = randomUUID();
  #counter = 0;
  #digest: string | null = null;
  /** The last code that it was given; null before the first, when it has none to name to the server. */
  newestCode: string | null = null;
  /** The last receipt that it was given; made up before the first. */
  receipt = 'e30.e30.AA';
  #jws = 'e30.e30.AA';

  constructor(private readonly terminal: BenchTerminal) {
    this.#key = createPrivateKey(terminal.keyPem);
    this.#certificate = new X509Certificate(terminal.certificatePem).raw.toString('base64');
  }

  /** A request of a kind that the stream chooses. */
  next(random: Random): PlainRequest {
    return random.pick(this.#kinds)(random);
  }

  /** Takes the receipt out of the answer to an invoice, so that later requests name one that is on file. */
  learn({ path }: PlainRequest, answer: string): void {
    if (path !== '/v1/invoices') return;
    const receipt = /"receipt":"([\w.-]+)"/.exec(answer)?.[1];
    if (receipt === undefined) return;
    this.receipt = receipt;
    const payload = Buffer.from(receipt.split('.')[1] ?? '', 'base64url').toString('utf8');
    this.newestCode = /"code":"(\d{20})"/.exec(payload)?.[1] ?? this.newestCode;
  }

  /** The last code that it was given; made up before the first, for requests that only look it up. */
  get code(): string {
    return this.newestCode ?? MADE_UP_CODE;
  }

  get #claim(): object {
    return this.newestCode === null ? {} : { newestCode: this.newestCode };
  }

  readonly #kinds: readonly ((random: Random) => PlainRequest)[] = [
    () =>
      this.#post(
        'terminals',
        '/v1/invoices',
        { invoice: this.#sign(), ...this.#claim },
        { [ATTEMPT_ID_HEADER]: randomUUID() },
      ),
    (random) =>
      this.#post('terminals', '/v1/reissues', {
        invoices: Array.from({ length: random.whole(1, LIST_MAX) }, () => this.#sign()),
        ...this.#claim,
      }),
    () => this.#post('terminals', '/v1/holdings', { codes: [this.code], lastJump: 1 }),
    () => this.#post('terminals', '/v1/restorations', { items: [{ invoice: this.#jws, receipt: this.receipt }] }),
    () => this.#post('terminals', '/v1/echo', { nonce: randomUUID() }),
    () => this.#post('terminals', '/v1/certificates', { certificate: this.#certificate }),
    () => this.#post('terminals', '/v1/transaction-logs', { entries: [this.#entry()] }),
    () => get('terminals', '/v1/parameters', { 'if-none-match': 'W/"1"' }),
    () => get('terminals', `/v1/invoices/${uuidV7(Date.now())}`),
    () => get('terminals', `/v1/originals/${this.code}`),
    () => get('terminals', `/v1/originals/${this.terminal.terminalId}/${uuidV7(Date.now())}`),
    () => get('terminals', `/v1/journals/${this.#journalId}/invoices?after=0`),
    () => get('terminals', '/.well-known/est/cacerts'),
    () =>
      this.#text('terminals', '/.well-known/est/simpleenroll', 'application/pkcs10', {
        authorization: `Basic ${Buffer.from('till:secret').toString('base64')}`,
      }),
    () => this.#text('terminals', '/.well-known/est/simplereenroll', 'application/pkcs10'),
    () => get('public', `/v/${this.code}`),
    () =>
      get('public', `/v/${this.terminal.terminalId}/${uuidV7(Date.now())}?p=1.GBP.1.normal.AAAAAAAA.${'A'.repeat(86)}`),
    () => get('public', `/v1/verifications/${this.code}?total=0.01`),
    () => get('public', '/.well-known/jwks.json'),
    () => get('public', '/openapi.json'),
    () => get('public', '/console/'),
    () => this.#post('public', '/v1/console/session', { name: 'nobody', password: 'a password of nobody' }),
    () => get('public', '/v1/console/missing?kind=gap', { cookie: 'session=AAAA' }),
    () => get('operator', '/health/ready'),
    () => get('operator', '/metrics'),
  ];

  #sign(): string {
    const { taxpayerId, premisesId, terminalId, thumbprint } = this.terminal;
    this.#counter += 1;
    const issuedAt = new Date().toISOString();
    const { jws, digest } = signInvoice(
      makeInvoice({
        taxpayerId,
        premisesId,
        terminalId,
        id: uuidV7(Date.now()),
        journalId: this.#journalId,
        counter: this.#counter,
        previousDigest: this.#digest,
        issuedAt,
        businessDay: issuedAt.slice(0, 'yyyy-mm-dd'.length),
      }),
      this.#key,
      thumbprint,
    );
    this.#digest = digest;
    this.#jws = jws;
    return jws;
  }

  #entry(): object {
    return {
      id: randomUUID(),
      at: new Date().toISOString(),
      door: 'issue',
      invoiceId: uuidV7(Date.now()),
      outcome: 'failed',
      cause: 'connection_refused',
      detail: 'ECONNREFUSED',
      address: 'https://tax.example',
      connectMs: 1,
      tlsMs: null,
      answerMs: null,
      totalMs: 2,
    };
  }

  #post(target: Target, path: string, body: object, headers: Readonly<Record<string, string>> = {}): PlainRequest {
    return { target, method: 'POST', path, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(body) };
  }

  #text(target: Target, path: string, type: string, headers: Readonly<Record<string, string>> = {}): PlainRequest {
    return { target, method: 'POST', path, headers: { 'content-type': type, ...headers }, body: this.#certificate };
  }
}

/** Requests of a till's own software to the agent. @param authorization what the agent's token makes */
export function agentRequest(random: Random, terminalId: string, authorization: string): PlainRequest {
  const headers = { authorization };
  const sale = `/v1/terminals/${terminalId}/sales/sale-${random.whole(1, 10_000_000)}`;
  const draft = {
    kind: 'sale',
    number: `R-${random.whole(1, 1_000_000)}`,
    currency: 'GBP',
    priceBasis: 'gross',
    lines: [{ type: 'goods', description: 'Tea', quantity: '1', unitPrice: '255', taxCategory: 'standard' }],
    payments: [{ method: 'cash', amount: 255 }],
  };
  const kinds: readonly (() => PlainRequest)[] = [
    () => ({
      target: 'agent',
      method: 'POST',
      path: sale,
      headers: { ...headers, ...JSON_TYPE },
      body: JSON.stringify(draft),
    }),
    () => get('agent', sale, headers),
    () => get('agent', `${sale}/receipt?width=42`, headers),
    () => get('agent', '/v1/terminals', headers),
    () => get('agent', `/v1/terminals/${terminalId}/status`, headers),
    () => get('agent', `/v1/terminals/${terminalId}/feed?cursor=0`, headers),
    () => get('agent', '/v1/openapi.json', headers),
  ];
  return random.pick(kinds)();
}

function get(target: Target, path: string, headers: Readonly<Record<string, string>> = {}): PlainRequest {
  return { target, method: 'GET', path, headers, body: null };
}
