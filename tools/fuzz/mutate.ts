import type { Random } from '../simulator/random.js';
import { bytesOf, type PlainRequest } from './request.js';

/** What a mutated request may be: bytes for the wire, and how its place in the run is named. */
export interface MutatedRequest {
  readonly request: PlainRequest;
  readonly bytes: Buffer;
  /** Names of what was done to it, in order. */
  readonly mutations: readonly string[];
}

type Mutation = (request: PlainRequest, random: Random) => PlainRequest;

/** Values that readers of JSON trip over, as they stand in a text. */
const VALUES = [
  'null',
  'true',
  '-0',
  '1e400',
  '-1',
  '9007199254740993',
  '0.1',
  '""',
  '[]',
  '{}',
  '"\\u0000"',
  '"\\ud800"',
  '"\\u202e"',
  '{"__proto__":1}',
  '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]',
  '"9".repeat(40)',
  '1e-7',
  '"ﬀ"',
  '"\u{1F600}"',
] as const;
const TEXTS = [
  '%00',
  '%FF',
  '%ED%A0%80',
  '..%2F..',
  "'--",
  '%0D%0A',
  '-1',
  '1e400',
  '9'.repeat(40),
  'A'.repeat(300),
  ' ',
  '%E2%80%AE',
  'null',
] as const;
const HEADERS = [
  'content-type',
  'content-length',
  'transfer-encoding',
  'attempt-id',
  'authorization',
  'cookie',
  'if-none-match',
  'expect',
  'accept-encoding',
  'x-forwarded-for',
  'origin',
  'host',
] as const;
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'get', 'PROPFIND', 'X'] as const;
const VALUE = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null/g;
const REPEATED_MAX = 200;

const BODY: Readonly<Record<string, Mutation>> = {
  value: (request, random) => {
    const values = [...(request.body ?? '').matchAll(VALUE)];
    if (values.length === 0) return request;
    const { index, 0: old } = random.pick(values);
    return withBody(request, (body) => body.slice(0, index) + random.pick(VALUES) + body.slice(index + old.length));
  },
  cut: (request, random) => withBody(request, (body) => body.slice(0, random.whole(0, body.length))),
  twice: (request, random) => withBody(request, (body) => body.repeat(random.whole(2, 3))),
  letter: (request, random) =>
    withBody(request, (body) => {
      const at = random.whole(0, body.length);
      return body.slice(0, at) + String.fromCodePoint(random.whole(0, 0xff)) + body.slice(at + random.whole(0, 1));
    }),
  piece_repeated: (request, random) =>
    withBody(request, (body) => {
      const from = random.whole(0, body.length);
      const piece = body.slice(from, from + random.whole(1, 50));
      return body.slice(0, from) + piece.repeat(random.whole(2, REPEATED_MAX)) + body.slice(from);
    }),
  members_swapped: (request, random) =>
    withBody(request, (body) => {
      const names = [...body.matchAll(/"(\w+)":/g)].map(([, name = '']) => name);
      return names.length === 0 ? body : body.replace(`"${random.pick(names)}":`, `"${random.pick(names)}":`);
    }),
};

const HEAD: Readonly<Record<string, Mutation>> = {
  method: (request, random) => ({ ...request, method: random.pick(METHODS) }),
  header: (request, random) => ({
    ...request,
    headers: {
      ...request.headers,
      [random.pick(HEADERS)]: random.pick([...TEXTS, 'chunked', '0', 'application/xml', '*', 'gzip']),
    },
  }),
  header_left_out: (request, random) => {
    const names = Object.keys(request.headers);
    const left = names.length === 0 ? '' : random.pick(names);
    return {
      ...request,
      headers: Object.fromEntries(Object.entries(request.headers).filter(([name]) => name !== left)),
    };
  },
  path: (request, random) => {
    const pieces = request.path.split('/');
    const at = random.whole(1, Math.max(1, pieces.length - 1));
    return { ...request, path: pieces.with(Math.min(at, pieces.length - 1), random.pick(TEXTS)).join('/') || '/' };
  },
  query: (request, random) => ({
    ...request,
    path: `${request.path}${request.path.includes('?') ? '&' : '?'}${random.pick(['from', 'page', 'zone', 'after', 'q', '__proto__', 'total'])}=${random.pick(TEXTS)}`,
  }),
};

/** Share of requests that are spoilt as bytes: a parser's own faults, and lines that break off. */
const BYTES_SHARE = 0.1;
/** Share of those that go out as they are: the tills beside them go on selling. */
const WHOLE_SHARE = 0.05;

/** Changes a request, the same for the same stream. */
export function mutate(request: PlainRequest, random: Random, host: string): MutatedRequest {
  if (random.chance(WHOLE_SHARE)) return { request, bytes: bytesOf(request, host), mutations: [] };
  const kinds = request.body === null ? HEAD : random.chance(0.75) ? BODY : HEAD;
  const mutations: string[] = [];
  let changed = request;
  for (let count = random.whole(1, 3); count > 0; count -= 1) {
    const [name, change] = random.pick(Object.entries(kinds));
    mutations.push(name);
    changed = change(changed, random);
  }
  const bytes = bytesOf(changed, host);
  if (!random.chance(BYTES_SHARE)) return { request: changed, bytes, mutations };
  return { request: changed, bytes: spoil(bytes, random), mutations: [...mutations, 'bytes'] };
}

function spoil(bytes: Buffer, random: Random): Buffer {
  const spoilt = Buffer.from(bytes);
  for (let count = random.whole(1, 8); count > 0; count -= 1)
    spoilt[random.whole(0, spoilt.length - 1)] = random.whole(0, 255);
  return random.chance(0.3) ? spoilt.subarray(0, random.whole(1, spoilt.length)) : spoilt;
}

function withBody(request: PlainRequest, change: (body: string) => string): PlainRequest {
  return request.body === null ? request : { ...request, body: change(request.body) };
}
