import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import type { CurrentSession, OfficialRole, OfficialView } from '@tax-control/protocol/console';
import { addAccount } from '../../src/officials/account-changes.js';
import { hashPassword } from '../../src/officials/password-hash.js';
import type { DelaySubject } from '../../src/officials/sign-in-delay.js';
import { type Answer, call, type CallOptions } from './client.js';
import type { ServerPlace } from './server.js';

/** Place of a server, and its database. */
export type ConsolePlace = Pick<ServerPlace, 'addresses' | 'ca' | 'superuser'>;

export interface OfficialOptions {
  readonly name?: string;
  readonly fullName?: string;
  readonly roles?: readonly OfficialRole[];
  readonly view?: OfficialView;
}

/** An account in the database, with a password of its own choice. */
export interface TestOfficial {
  readonly name: string;
  readonly password: string;
}

/** A browser with a session: what it sends beside method, path and body. */
export interface TestBrowser extends TestOfficial {
  readonly session: CurrentSession;
  readonly cookie: string;
  /** Headers of an unsafe request: cookie, origin, csrf-token. */
  readonly headers: Readonly<Record<string, string>>;
  call<Body = Record<string, unknown>>(path: string, options?: CallOptions): Promise<Answer<Body>>;
  get<Body = Record<string, unknown>>(path: string): Promise<Answer<Body>>;
  post<Body = Record<string, unknown>>(path: string, body: object): Promise<Answer<Body>>;
}

/** One for all accounts of a file that choose none: hashing it takes longer than most tests. */
const SHARED_PASSWORD = randomBytes(12).toString('base64url');
let sharedHash: Promise<string> | undefined;

/** Adds an account straight into the database: the password is final. */
export async function addOfficial(superuser: Pool, options: OfficialOptions = {}): Promise<TestOfficial> {
  const { name = `o-${randomBytes(6).toString('hex')}`, fullName = 'An Official', roles = ['official'] } = options;
  const password = SHARED_PASSWORD;
  const hash = await (sharedHash ??= hashPassword(password));
  const view = options.view ?? { kind: 'all' };
  await addAccount(superuser, { name, fullName, roles, view, password: { hash, expiresAt: null } });
  return { name, password };
}

/** Tries after which the next one is followed by a delay of eight minutes, so that no slow machine outlasts it. */
const TRIES = 40;

/** Makes as if so much had been tried in vain that the next try is allowed, and the one after it is not. */
export async function tireOut(superuser: Pool, { digest }: DelaySubject): Promise<void> {
  await superuser.query(
    `INSERT INTO sign_in_delay (subject, tries, last_try_at, blocked_until) VALUES ($1, $2, now(), now())
     ON CONFLICT (subject) DO UPDATE SET tries = $2, last_try_at = now(), blocked_until = now()`,
    [digest, TRIES],
  );
}

/** The origin of a server's own pages. */
export function originOf(place: Pick<ServerPlace, 'addresses'>): string {
  return `https://127.0.0.1:${place.addresses.public.port}`;
}

/** Tries to sign in, as a page of the console does. */
export function trySignIn(
  place: ConsolePlace,
  credentials: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<CurrentSession>> {
  return call(place, '/v1/console/session', {
    listener: 'public',
    body: credentials,
    headers: { origin: originOf(place), ...headers },
  });
}

/** The cookie that an answer sets, as `name=value`; empty where it sets none. */
export function cookieIn(answer: Answer<unknown>): string {
  return answer.headers['set-cookie']?.[0]?.split(';', 1)[0] ?? '';
}

/** A browser with the session that an answer opened. */
export function browserOf(place: ConsolePlace, official: TestOfficial, answer: Answer<CurrentSession>): TestBrowser {
  const session = answer.json();
  const cookie = cookieIn(answer);
  const headers = { cookie, origin: originOf(place), 'csrf-token': session.csrfToken };
  const callWith: TestBrowser['call'] = (path, options = {}) =>
    call(place, path, { listener: 'public', ...options, headers: { ...headers, ...options.headers } });
  return {
    ...official,
    session,
    cookie,
    headers,
    call: callWith,
    get: (path) => callWith(path),
    post: (path, body) => callWith(path, { body }),
  };
}

/** Signs an official in; a new one unless one is given. Paths are whole: `/v1/console/…`. */
export async function signIn(place: ConsolePlace, who: OfficialOptions | TestOfficial = {}): Promise<TestBrowser> {
  const official = 'password' in who ? who : await addOfficial(place.superuser, who);
  const answer = await trySignIn(place, { name: official.name, password: official.password });
  if (answer.status !== 200) throw new Error(`the sign-in was refused: ${answer.text}`);
  return browserOf(place, official, answer);
}
