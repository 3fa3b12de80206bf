import { X509Certificate } from 'node:crypto';
import { Agent } from 'node:https';
import { certificateThumbprint, type Clock } from '@tax-control/protocol';
import { exchange, type HttpAnswer, type HttpRequest } from '../sender/exchange.js';
import type { Failure } from '../sender/failure-cause.js';
import { type Line, type SendBounds, type SendResult, TLS_VERSION_MIN } from '../sender/line.js';
import { type CallFailure, readAnswer } from '../sender/read-answer.js';
import { readCertificates } from './certificate-request.js';
import { TrustedAuthorities } from './trusted-authorities.js';

/** A certificate, or what the server or the line said instead. */
export type EstResult =
  { readonly ok: true; readonly certificatePem: string } | { readonly ok: false; readonly failure: CallFailure };

export type AuthorityResult =
  { readonly ok: true; readonly authorities: TrustedAuthorities } | { readonly ok: false; readonly failure: Failure };

const EST = '/.well-known/est';
const CSR_HEADERS = { 'content-type': 'application/pkcs10', 'content-transfer-encoding': 'base64' };
const OK = 200;
const NO_CERTIFICATE = {
  cause: 'answer_unreadable',
  class: 'own',
  detail: 'The answer holds no certificate.',
  problem: null,
} as const;

/**
 * RFC 7030, 4.1: the authority's certificates, fetched before there is anybody to trust. Believed is only the one whose
 * SHA-256 the invitation names, and those that it vouches for; nothing but the path is said to whoever answers.
 */
export async function fetchAuthority(
  address: string,
  caDigest: string,
  timeoutMs: number,
  clock: Clock,
): Promise<AuthorityResult> {
  const agent = new Agent({ rejectUnauthorized: false, minVersion: TLS_VERSION_MIN });
  const patience = { connectMs: timeoutMs, answerMs: timeoutMs };
  const result = await exchange(address, { method: 'GET', path: `${EST}/cacerts` }, { agent }, patience, clock);
  agent.destroy();
  if (!result.ok) return result;
  const certificates = result.answer.status === OK ? readCertificates(result.answer.body.toString('latin1')) : null;
  const pinned = certificates?.find((pem) => certificateThumbprint(new X509Certificate(pem)) === caDigest);
  if (certificates !== null && pinned !== undefined) {
    const authorities = new TrustedAuthorities(pinned);
    authorities.learn(certificates.map((pem) => new X509Certificate(pem)));
    return { ok: true, authorities };
  }
  return {
    ok: false,
    failure: {
      cause: 'tls_untrusted',
      class: 'outage',
      detail: 'Whoever answers there does not show the authority that the invitation names. Nothing was told to it.',
    },
  };
}

/** RFC 7030, 4.2.1 with HTTP Basic (3.2.3). The line must already be pinned to the authority. */
export function enrolByInvitation(
  line: Line,
  request: { readonly csr: string; readonly terminalId: string; readonly secret: string },
  bounds: SendBounds,
): Promise<EstResult> {
  const authorization = `Basic ${Buffer.from(`${request.terminalId}:${request.secret}`, 'utf8').toString('base64')}`;
  return ask(
    line,
    { method: 'POST', path: `${EST}/simpleenroll`, headers: { ...CSR_HEADERS, authorization }, body: request.csr },
    bounds,
  );
}

/** RFC 7030, 4.2.2: the certificate that the till has, also an expired one, vouches for the new key. */
export function enrolAgain(line: Line, csr: string, bounds: SendBounds): Promise<EstResult> {
  return ask(line, { method: 'POST', path: `${EST}/simplereenroll`, headers: CSR_HEADERS, body: csr }, bounds);
}

async function ask(line: Line, request: HttpRequest, bounds: SendBounds): Promise<EstResult> {
  const sent: SendResult = await line.send(request, bounds);
  if (!sent.ok) return { ok: false, failure: { ...sent.failure, problem: null } };
  const certificatePem = sent.answer.status === OK ? firstCertificate(sent.answer) : null;
  if (certificatePem !== null) return { ok: true, certificatePem };
  const read = readAnswer(sent.answer, () => null);
  return { ok: false, failure: read.ok ? NO_CERTIFICATE : read.failure };
}

function firstCertificate(answer: HttpAnswer): string | null {
  return readCertificates(answer.body.toString('latin1'))?.[0] ?? null;
}
