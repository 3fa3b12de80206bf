import type { Fault } from '@tax-control/protocol';

/**
 * What the agent itself can find wrong with a request, before or beside the sale. Append-only: programs switch on the
 * key, sentences may change (RFC 9457). Results of a sale have statuses of their own (sale-status.ts).
 */
// prettier-ignore
export const AGENT_PROBLEMS = {
  malformed_request: { status: 400, title: 'The request cannot be read.', remedy: 'Send well-formed HTTP, and JSON in UTF-8 as the body.' },
  invalid_request: { status: 400, title: 'The request does not have the documented shape.', remedy: 'Mend what is named in `errors`; /v1/openapi.json has the shapes.' },
  token_wrong: { status: 401, title: 'The token is missing or wrong.', remedy: 'Send `Authorization: Bearer …` with the token from the agent’s token file.' },
  origin_not_allowed: { status: 403, title: 'This web page may not call the agent.', remedy: 'Start the agent with --allow-origin and the page’s origin, or call it without an Origin header.' },
  not_found: { status: 404, title: 'There is nothing at this address with this method.', remedy: 'Compare address and method with /v1/openapi.json.' },
  terminal_not_here: { status: 404, title: 'This agent has no such terminal.', remedy: 'See GET /v1/terminals, or enrol the terminal into a folder of this agent.' },
  sale_unknown: { status: 404, title: 'No sale with this saleId was signed here.', remedy: 'Post the sale; it did not happen yet.' },
  not_acceptable: { status: 406, title: 'The receipt is not to be had in this form.', remedy: 'Accept text/plain, or application/octet-stream for ESC/POS.' },
  request_timeout: { status: 408, title: 'The request did not arrive in time.', remedy: 'Send it again.' },
  receipt_not_available: { status: 409, title: 'There is no receipt to print of this sale.', remedy: 'The invoice was refused: correct the sale under a new saleId, with `supersedes`.' },
  request_too_large: { status: 413, title: 'The request is larger than allowed.', remedy: 'Split the sale into several.' },
  media_type_not_supported: { status: 415, title: 'The body is not JSON.', remedy: 'Send `Content-Type: application/json`.' },
  host_not_allowed: { status: 421, title: 'The request names another host than this agent.', remedy: 'Call the agent by the address it listens on; a name needs a TLS certificate that bears it.' },
  too_many_requests: { status: 429, title: 'Too many requests wait for this terminal’s feed.', remedy: 'Follow the feed with one request at a time.' },
  internal_error: { status: 500, title: 'The agent failed unexpectedly.', remedy: 'Ask again with the same saleId; the answer will be the same. See the agent’s log.' },
  terminal_unavailable: { status: 503, title: 'This terminal could not be opened.', remedy: 'See `detail`; the other terminals of this agent go on.' },
  stopping: { status: 503, title: 'The agent is stopping.', remedy: 'Ask again with the same saleId when it has started again.' },
} as const satisfies Record<string, { status: number; title: string; remedy: string }>;

export type AgentProblemCode = keyof typeof AGENT_PROBLEMS;

/** A problem of the agent as it goes over the wire (RFC 9457). */
export interface AgentProblem {
  readonly type: string;
  readonly code: AgentProblemCode;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly Fault[];
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8';

/** Builds the problem of a code; without a detail of its own it says the remedy. */
export function agentProblem(
  code: AgentProblemCode,
  facts: { readonly detail?: string; readonly errors?: readonly Fault[] } = {},
): AgentProblem {
  const { status, title, remedy } = AGENT_PROBLEMS[code];
  return { type: `urn:tax-control:agent-problem:${code}`, code, title, status, detail: remedy, ...facts };
}
