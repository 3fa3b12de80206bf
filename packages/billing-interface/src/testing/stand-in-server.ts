import { once } from 'node:events';
import { createHash, X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Pkcs10CertificateRequest, X509Certificates } from '@peculiar/x509';
import {
  type LogEntry,
  parseCompactJws,
  problem,
  type ProblemCode,
  type HoldingsRequest,
  type IssueRequest,
  type ReissueRequest,
  type RestorationRequest,
} from '@tax-control/protocol';
import { type Invoice, peerCertificate, SERVER_TIMING_HEADER } from '@tax-control/protocol';
import { choosePort } from '@tax-control/protocol/testing';
import { type KeyAndCertificate, type Life, type TerminalNames, TestAuthority } from './authority.js';
import { StandInOffice } from './stand-in-office.js';

export interface StandInRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** What the till showed of itself; null: no certificate. */
  readonly certificate: X509Certificate | null;
}

/** What happens instead of the answer, or to it. */
export type Fault =
  /** Nothing comes, and nothing was done. */
  | { readonly kind: 'hang' }
  /** The connection is reset before anything was done. */
  | { readonly kind: 'reset' }
  /** It is done, and the answer is lost. */
  | { readonly kind: 'lose' }
  /** It is done, and half of the answer comes. */
  | { readonly kind: 'cut' }
  /** It is done, and the answer comes when the promise resolves. */
  | { readonly kind: 'hold'; readonly until: Promise<unknown> }
  /** It is done, and the answer says that the connection ends with it: the server is about to stop. */
  | { readonly kind: 'goodbye' }
  /** An answer without end, up to so many bytes. */
  | { readonly kind: 'flood'; readonly bytes: number }
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown };

export type FaultPlan = (request: StandInRequest) => Fault | null;

export interface StandInOptions {
  readonly authority: TestAuthority;
  readonly office?: StandInOffice;
  readonly serverLife?: Life;
  readonly material?: KeyAndCertificate;
  readonly port?: number;
  readonly terminal?: TerminalNames;
  readonly secret?: string;
}

export const TERMINAL: TerminalNames = { terminalId: 'till-1', taxpayerId: 'taxpayer-1', premisesId: 'shop-1' };
export const SECRET = 'a-secret-of-one-invitation';

const JOURNAL = /^\/v1\/journals\/([^/]+)\/invoices\?after=([0-9]+)$/;
const ORIGINALS = '/v1/originals/';

/** Null: the till hung up before its end. */
async function readBody(message: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of message) chunks.push(chunk as Buffer);
  } catch {
    return null;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A real TLS server on loopback with the routes of the terminal listener, for faults that a real server cannot be asked for. */
export class StandInServer {
  readonly requests: StandInRequest[] = [];
  /** Connections that were made, TLS handshake or not. */
  connections = 0;
  /** Of these, connections that resumed the TLS session of an earlier one. */
  resumed = 0;
  /** Bytes of the flood that were taken off our hands before the till hung up. */
  flooded = 0;
  fault: FaultPlan = () => null;
  enrolmentLife: Life = {};
  readonly #sockets = new Set<Socket>();
  readonly #certificates: X509Certificate[] = [];
  readonly #enrolled = new Map<string, string>();

  private constructor(
    private readonly server: Server,
    readonly office: StandInOffice,
    private readonly authority: TestAuthority,
    private readonly terminal: TerminalNames,
    private readonly secret: string,
    readonly port: number,
  ) {
    server.on('connection', (socket: Socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
    });
    server.on('secureConnection', (socket: TLSSocket) => {
      if (socket.isSessionReused()) this.resumed += 1;
    });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void this.#handle(request, response));
  }

  static async start(options: StandInOptions): Promise<StandInServer> {
    const { authority, serverLife, terminal = TERMINAL, secret = SECRET } = options;
    const material = options.material ?? (await authority.server(serverLife));
    const server = createServer({
      key: material.key,
      cert: material.certificate,
      ca: authority.pem,
      requestCert: true,
      rejectUnauthorized: false,
    });
    server.on('tlsClientError', () => undefined);
    server.listen(options.port ?? (await choosePort()), '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const office = options.office ?? (await StandInOffice.open(authority, [`https://127.0.0.1:${port}`]));
    return new StandInServer(server, office, authority, terminal, secret, port);
  }

  get address(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  /** Paths that were asked, in order, without those of echo, parameters and logs unless asked for. */
  paths(all = false): string[] {
    const quiet = ['/v1/echo', '/v1/parameters', '/v1/transaction-logs'];
    return this.requests.map(({ path }) => path).filter((path) => all || !quiet.includes(path));
  }

  /** Lets a certificate sign that this server did not issue. */
  knowCertificate(pem: string): void {
    this.#certificates.push(new X509Certificate(pem));
  }

  /** Cuts every connection that is open now. */
  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.server.close();
    this.cutAll();
    if (this.server.listening) await once(this.server, 'close');
  }

  async #handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(message);
    if (body === null) return;
    const readAt = performance.now();
    const certificate = peerCertificate(message.socket as TLSSocket);
    const request: StandInRequest = {
      method: message.method ?? '',
      path: message.url ?? '',
      headers: message.headers,
      body,
      certificate,
    };
    this.requests.push(request);
    if (certificate !== null) this.#certificates.push(certificate);
    const fault = this.fault(request);
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'reset') return void (message.socket as TLSSocket).destroy();
    if (fault?.kind === 'flood') return this.#flood(response, fault.bytes);
    if (fault?.kind === 'answer') return reply(response, fault.status, fault.body);
    await this.#answer(request, message, response, fault, readAt);
  }

  async #answer(
    request: StandInRequest,
    message: IncomingMessage,
    response: ServerResponse,
    fault: Fault | null,
    readAt: number,
  ): Promise<void> {
    const [status, body, headers] = await this.#serve(request);
    if (fault?.kind === 'lose') return void (message.socket as TLSSocket).destroy();
    if (fault?.kind === 'hold') await fault.until;
    response.setHeader(SERVER_TIMING_HEADER, `app;dur=${Math.round(performance.now() - readAt)}`);
    if (fault?.kind === 'goodbye') response.setHeader('connection', 'close');
    if (fault?.kind !== 'cut') return reply(response, status, body, headers);
    const whole = JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': whole.length });
    response.write(whole.slice(0, whole.length / 2), () => (message.socket as TLSSocket).destroy());
  }

  #flood(response: ServerResponse, bytes: number): void {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes });
    const block = Buffer.alloc(65_536, 0x20);
    let written = 0;
    const write = (): void => {
      while (written < bytes && !response.destroyed) {
        written += block.length;
        this.flooded += block.length;
        if (!response.write(block)) return void response.once('drain', write);
      }
    };
    write();
  }

  async #serve({
    path,
    body,
    headers,
    certificate,
  }: StandInRequest): Promise<[number, unknown, Record<string, string>?]> {
    const { office } = this;
    switch (path) {
      case '/.well-known/est/cacerts':
        return [200, this.authority.certificates];
      case '/.well-known/est/simpleenroll':
        return this.#enrol(body, headers.authorization);
      case '/.well-known/est/simplereenroll':
        return certificate === null ? problemAnswer('certificate_missing') : this.#certify(body);
    }
    if (certificate === null) return problemAnswer('certificate_missing');
    switch (path) {
      case '/v1/echo':
        return [
          200,
          { echo: office.signedEcho((JSON.parse(body) as { nonce: string }).nonce, this.terminal.terminalId) },
        ];
      case '/v1/parameters': {
        const { jws, etag } = office.signedParameters();
        return headers['if-none-match'] === etag ? [304, '', { etag }] : [200, jws, { etag }];
      }
      case '/v1/invoices':
        return this.#issue(JSON.parse(body) as IssueRequest);
      case '/v1/reissues':
        return this.#reissue(JSON.parse(body) as ReissueRequest);
      case '/v1/holdings':
        return [200, office.findMissing(JSON.parse(body) as HoldingsRequest)];
      case '/v1/restorations': {
        const { items } = JSON.parse(body) as RestorationRequest;
        return [200, { results: items.map((item) => office.takeBack(item)) }];
      }
      case '/v1/transaction-logs':
        return [200, office.takeLog((JSON.parse(body) as { entries: LogEntry[] }).entries)];
    }
    const journal = JOURNAL.exec(path);
    if (journal !== null) return [200, office.journal(journal[1] ?? '', Number(journal[2]))];
    if (!path.startsWith(ORIGINALS)) return problemAnswer('not_found');
    const original = office.original(path.slice(ORIGINALS.length));
    return original === null ? problemAnswer('invoice_unknown') : [200, original];
  }

  #issue({ invoice: jws, newestCode }: IssueRequest): [number, unknown] {
    const { office } = this;
    if (office.standing !== 'active') return problemAnswer(office.standing);
    // Before anything is filed, as the server does.
    const standing = office.standingFor(journalOf(jws), newestCode);
    const result = office.take(jws, 'issue', this.#certificates);
    if ('problem' in result) return [result.problem.status, result.problem];
    return [200, { ...result, ...office.standingFor(journalOf(jws)), newestKnown: standing.newestKnown }];
  }

  #reissue({ invoices, newestCode }: ReissueRequest): [number, unknown] {
    const { office } = this;
    if (
      office.standing !== 'active' &&
      office.standing !== 'terminal_suspended' &&
      office.standing !== 'certificate_expired'
    )
      return problemAnswer(office.standing);
    const { threshold } = office.parameters;
    if (invoices.length > threshold) return [400, problem('over_threshold', { allowed: threshold })];
    office.chunks.push(invoices.length);
    const results = invoices.map((jws) => office.take(jws, 'reissue', this.#certificates));
    return [200, { results, ...office.standingFor(journalOf(invoices.at(-1) ?? ''), newestCode) }];
  }

  async #enrol(csr: string, authorization: string | undefined): Promise<[number, unknown]> {
    const expected = `Basic ${Buffer.from(`${this.terminal.terminalId}:${this.secret}`).toString('base64')}`;
    if (authorization !== expected) return problemAnswer('enrolment_secret_wrong');
    const digest = keyDigest(csr);
    if (this.#enrolled.size > 0 && !this.#enrolled.has(digest)) return problemAnswer('enrolment_secret_used');
    return this.#certify(csr);
  }

  /** The same key gets the same certificate. */
  async #certify(csr: string): Promise<[number, unknown]> {
    const digest = keyDigest(csr);
    const known = this.#enrolled.get(digest);
    if (known !== undefined) return [200, known];
    const publicKey = await new Pkcs10CertificateRequest(csr).publicKey.export();
    const { KeyObject } = await import('node:crypto');
    const certificate = await this.authority.terminal(this.terminal, KeyObject.from(publicKey), this.enrolmentLife);
    const answer = new X509Certificates([certificate]).toString('base64');
    this.#enrolled.set(digest, answer);
    return [200, answer];
  }
}

function keyDigest(csr: string): string {
  return createHash('sha256')
    .update(Buffer.from(new Pkcs10CertificateRequest(csr).publicKey.rawData))
    .digest('hex');
}

function journalOf(jws: string): string | undefined {
  const payload = parseCompactJws(jws)?.payload;
  return payload === undefined ? undefined : (JSON.parse(payload.toString('utf8')) as Invoice).journalId;
}

function problemAnswer(code: ProblemCode): [number, unknown] {
  const made = problem(code);
  return [made.status, made];
}

function reply(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
