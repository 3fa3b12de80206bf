import { randomBytes } from 'node:crypto';
import type { ProblemCode } from '@tax-control/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EnrolmentGround, startEnrolmentGround } from '../enrolment/ground.js';
import { type Applicant, certificateOf, enrol, makeApplicant } from '../enrolment/till.js';
import { type Answer, call } from '../support/client.js';
import { aProblem } from './ground.js';

/** What comes to the one door that is open to everybody. The secret stays good, and nothing is issued or counted. */

let ground: EnrolmentGround;
let applicant: Applicant;
let terminalId: string;
let secret: string;
beforeAll(async () => {
  ground = await startEnrolmentGround();
  applicant = await makeApplicant();
});
afterAll(() => ground.stop());
beforeEach(async () => {
  terminalId = await ground.register();
  secret = await ground.invite(terminalId);
});

/** A DER value with a length of any size. */
function der(tag: number, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([Buffer.from([tag, 0x84]), length, content]);
}

/** Sequences in sequences, as deep as 12 KB go. */
function nested(): Buffer {
  let value: Buffer = Buffer.from([0x05, 0x00]);
  while (value.length < 12_000) value = der(0x30, value);
  return value;
}

describe('a certificate signing request', () => {
  it.each<[string, (good: Buffer) => string, ProblemCode]>([
    ['is no base64', () => '!!!!', 'csr_malformed'],
    ['is JSON', () => '{"csr":1}', 'csr_malformed'],
    ['is random bytes', () => randomBytes(500).toString('base64'), 'csr_malformed'],
    ['is cut in half', (good) => good.subarray(0, good.length / 2).toString('base64'), 'csr_malformed'],
    ['has another signature', (good) => changed(good, -1).toString('base64'), 'csr_malformed'],
    ['was changed after it was signed', (good) => changed(good, 6).toString('base64'), 'csr_malformed'],
    [
      'is in PEM',
      (good) => `-----BEGIN CERTIFICATE REQUEST-----\n${good.toString('base64')}\n-----END CERTIFICATE REQUEST-----`,
      'csr_malformed',
    ],
    ['has a NUL in it', (good) => `${good.toString('base64')}\u0000`, 'csr_malformed'],
    ['is nested 2,000 times', () => nested().toString('base64'), 'csr_malformed'],
    [
      'is one long object identifier',
      () => der(0x30, der(0x06, Buffer.alloc(12_000, 0xff))).toString('base64'),
      'csr_malformed',
    ],
    ['is one long integer', () => der(0x30, der(0x02, Buffer.alloc(12_000, 0x7f))).toString('base64'), 'csr_malformed'],
    [
      'says that it is larger than it is',
      () => Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 0x02]).toString('base64'),
      'csr_malformed',
    ],
    ['is larger than any', () => 'A'.repeat(17_000), 'request_too_large'],
  ])('that %s is refused, and the secret stays good', async (_what, spoil, code) => {
    const good = await applicant.request();
    const answer = await enrol(ground.server, terminalId, secret, spoil(Buffer.from(good, 'base64')));
    expect([answer.status, answer.json()]).toEqual([code === 'request_too_large' ? 413 : 400, aProblem(code)]);
    expect(await ground.certificatesOf(terminalId)).toBe(0);
    expect(await wrongTries()).toBe(0);
    certificateOf(await enrol(ground.server, terminalId, secret, good));
    expect(await ground.certificatesOf(terminalId)).toBe(1);
  });

  function changed(bytes: Buffer, at: number): Buffer {
    const copy = Buffer.from(bytes);
    const index = at < 0 ? copy.length + at : at;
    copy[index] = (copy[index] ?? 0) ^ 1;
    return copy;
  }
});

describe('credentials', () => {
  const basic = (text: string | Buffer): string => `Basic ${Buffer.from(text).toString('base64')}`;

  it.each<[string, () => string]>([
    ['nothing', () => ''],
    ['a scheme alone', () => 'Basic '],
    ['another scheme', () => `Bearer ${secret}`],
    ['no base64', () => 'Basic §§§'],
    ['no colon', () => basic(terminalId)],
    ['no UTF-8', () => basic(Buffer.from([0xff, 0x3a, 0xff]))],
    ['a NUL in the name', () => basic(`${terminalId}\u0000:${secret}`)],
    ['another terminal’s name', () => basic(`T0:${secret}`)],
    ['the name in small letters', () => basic(`${terminalId.toLowerCase()}:${secret}`)],
    ['a name of 6,000 letters', () => basic(`${'T'.repeat(6_000)}:${secret}`)],
    ['SQL for a name', () => basic(`${terminalId}' OR '1'='1:${secret}`)],
  ])('that are %s are refused alike, and count against nobody', async (_what, credentials) => {
    const headers = {
      'content-type': 'application/pkcs10',
      authorization: Buffer.from(credentials(), 'utf8').toString('latin1'),
    };
    const path = '/.well-known/est/simpleenroll';
    const answer = await call(ground.server, path, { body: await applicant.request(), headers });
    expect([answer.status, answer.json()]).toEqual([401, aProblem('enrolment_secret_wrong')]);
    expect(answer.headers['www-authenticate']).toMatch(/^Basic realm=/);
    expect([await ground.certificatesOf(terminalId), await wrongTries()]).toEqual([0, 0]);
  });

  it('of many wrong tries at once for many terminals leave the right ones good', async () => {
    const others: string[] = [];
    while (others.length < 5) others.push(await ground.register());
    const secrets = new Map<string, string>();
    for (const other of others) secrets.set(other, await ground.invite(other));
    const request = await applicant.request();
    const answers = await Promise.all(
      others.flatMap((other) =>
        Array.from({ length: 8 }, (_, index) => enrol(ground.server, other, `wrong ${index}`, request)),
      ),
    );
    const codes = answers.map((answer: Answer) => answer.json()['code']);
    // The address waits after some of them; no invitation is locked by any number.
    expect(new Set(codes)).toEqual(new Set(['enrolment_secret_wrong', 'too_many_requests']));
    for (const other of others) certificateOf(await enrol(ground.server, other, secrets.get(other) ?? '', request));
    certificateOf(await enrol(ground.server, terminalId, secret, request));
  });
});

async function wrongTries(): Promise<number | undefined> {
  const { rows } = await ground.server.superuser.query<{ wrong_tries: number }>(
    'SELECT wrong_tries FROM invitation WHERE terminal_id = $1',
    [terminalId],
  );
  return rows[0]?.wrong_tries;
}

it('no bug was met on the way', () => {
  expect(ground.server.logLines.filter(({ level }) => level === 'error')).toEqual([]);
});
