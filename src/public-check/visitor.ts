import type { FastifyRequest } from 'fastify';
import { PROOF_MEMBER } from '@tax-control/protocol';

/**
 * Who asks, and what the address says beside its path.
 * @property address of whoever connected
 * @property chosenLanguage `?lang=`; null without
 * @property total as typed; null where none was
 * @property code as typed on the start page; null where none was
 * @property proof what the QR of a receipt without a code bears beside its path; null where there is none
 */
export interface Visitor {
  readonly address: string;
  readonly acceptLanguage: string | undefined;
  readonly chosenLanguage: string | null;
  readonly total: string | null;
  readonly code: string | null;
  readonly proof: string | null;
}

/** Reads a request; of a name that is given twice the first counts. */
export function visitorOf(request: FastifyRequest): Visitor {
  const query = request.query as Readonly<Record<string, string | readonly string[] | undefined>>;
  const first = (name: string): string | null => [query[name]].flat()[0] ?? null;
  return {
    address: request.ip,
    acceptLanguage: request.headers['accept-language'],
    chosenLanguage: first('lang'),
    total: first('total'),
    code: first('code'),
    proof: first(PROOF_MEMBER),
  };
}
