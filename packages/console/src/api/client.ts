import type { Problem } from '@tax-control/protocol';
import { plainText } from '@tax-control/protocol/console';

/** Root of the console's calls. */
const ROOT = '/v1/console';
const CSRF_HEADER = 'csrf-token';
const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** One member of a query; undefined and empty ones are left out, lists are repeated. */
export type QueryValue = string | number | boolean | null | undefined | readonly string[];
export type Query = Readonly<Record<string, QueryValue>>;

/** The server refused, in its own words (RFC 9457). */
export class ApiProblem extends Error {
  constructor(
    readonly problem: Problem,
    readonly path: string,
  ) {
    super(problem.title);
  }
}

/** No answer came, or none that can be read. */
export class ApiUnreachable extends Error {}

/** The token that the session's unsafe requests bear; the session hook keeps it. */
let csrfToken: string | null = null;

export function keepCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** Query text with its question mark; empty without members. */
export function queryText(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    const values: readonly QueryValue[] = Array.isArray(value) ? value : [value];
    for (const one of values)
      if (one !== undefined && one !== null && one !== '' && one !== false) parameters.append(name, String(one));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** Address of a call, as a link for a download may name it. */
export function addressOf(path: string, query: Query = {}): string {
  return `${ROOT}${path}${queryText(query)}`;
}

async function answerOf(path: string, init: RequestInit, query: Query): Promise<Response> {
  const address = addressOf(path, query);
  const response = await fetch(address, { credentials: 'same-origin', ...init }).catch(() => {
    throw new ApiUnreachable();
  });
  if (response.ok) return response;
  if (response.headers.get('content-type')?.startsWith(PROBLEM_MEDIA_TYPE) !== true) throw new ApiUnreachable();
  throw new ApiProblem((await response.json()) as Problem, address);
}

async function readJson<Answer>(response: Response): Promise<Answer> {
  const text = await response.text();
  return (text === '' ? null : JSON.parse(text, plainly)) as Answer;
}

/** @throws ApiProblem, ApiUnreachable */
export async function get<Answer>(path: string, query: Query = {}, signal?: AbortSignal): Promise<Answer> {
  return readJson(await answerOf(path, signal === undefined ? {} : { signal }, query));
}

export type UnsafeMethod = 'POST' | 'PUT' | 'DELETE';

function unsafe(method: UnsafeMethod, body: unknown): RequestInit {
  const headers: Record<string, string> = {};
  if (csrfToken !== null) headers[CSRF_HEADER] = csrfToken;
  if (body === undefined) return { method, headers };
  return { method, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** A call that changes something, or that looks up with a reason. @throws ApiProblem, ApiUnreachable */
export async function send<Answer>(
  method: UnsafeMethod,
  path: string,
  body?: unknown,
  query: Query = {},
): Promise<Answer> {
  return readJson(await answerOf(path, unsafe(method, body), query));
}

/** Name that the server gives to a file (RFC 6266), or the fallback. */
function fileNameOf(response: Response, fallback: string): string {
  return /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? fallback;
}

/** Fetches a table as the server writes it, with the name that the server gives to the file. @throws ApiProblem, ApiUnreachable */
export async function fetchText(
  path: string,
  query: Query,
  fallbackName: string,
  posted?: unknown,
): Promise<{ readonly name: string; readonly text: string }> {
  const response = await answerOf(path, posted === undefined ? {} : unsafe('POST', posted), query);
  return { name: fileNameOf(response, fallbackName), text: await response.text() };
}

/** Fetches a file and hands it to the browser. @returns its name @throws ApiProblem, ApiUnreachable */
export async function download(path: string, query: Query, fallbackName: string, posted?: unknown): Promise<string> {
  const response = await answerOf(path, posted === undefined ? {} : unsafe('POST', posted), query);
  const name = fileNameOf(response, fallbackName);
  handOver(await response.blob(), name);
  return name;
}

/** Hands a file to the browser, as a click on a link to it does. */
export function handOver(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

/** Texts of tills, shops and customers: none of them turns round or hides what a page shows beside it. */
function plainly(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? plainText(value) : value;
}
