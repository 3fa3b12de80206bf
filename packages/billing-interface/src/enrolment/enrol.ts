import { createHash, X509Certificate } from 'node:crypto';
import {
  type Clock,
  decodeInvitation,
  type FailureCause,
  type Invitation,
  isIssuedBy,
  type Problem,
  systemClock,
} from '@tax-control/protocol';
import { type Journal } from '../journal/journal.js';
import { JournalUnavailable } from '../journal/journal-unavailable.js';
import { openJournal } from '../journal/open-journal.js';
import { ParameterShelf } from '../parameters/parameter-shelf.js';
import { Line } from '../sender/line.js';
import type { CallFailure } from '../sender/read-answer.js';
import { ServerCalls } from '../sender/server-calls.js';
import { makeCertificateRequest, makeKeyPem } from './certificate-request.js';
import { enrolByInvitation, fetchAuthority } from './est-client.js';
import { certificateFitsKey, identityOf, type TillIdentity } from './identity.js';
import { readTill } from './read-till.js';
import { TillFiles } from './till-files.js';
import { TrustedAuthorities } from './trusted-authorities.js';

export interface EnrolOptions {
  /** The string that the operator handed over. */
  readonly invitation: string;
  /** The till's folder; made if it is not there. */
  readonly directory: string;
  /** Milliseconds for each step that asks the server (10 s). */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
}

/**
 * What came of an enrolment. `enrolled`: everything that selling needs is on disk, but for the parameters where
 * `parametersVersion` is null. `unreachable`: the same command again may succeed. `refused`: it will not.
 */
export type EnrolResult =
  | {
      readonly result: 'enrolled';
      readonly terminalId: string;
      readonly taxpayerId: string;
      readonly premisesId: string;
      readonly certificateNotAfter: string;
      readonly parametersVersion: number | null;
      /** This invitation had enrolled this till before. */
      readonly repeated: boolean;
      readonly detail: string;
    }
  | {
      readonly result: 'refused' | 'unreachable';
      readonly cause:
        FailureCause | 'invitation_unreadable' | 'directory_in_use' | 'other_terminal' | 'certificate_unfit';
      readonly detail: string;
      readonly problem: Problem | null;
    };

const TIMEOUT_MS = 10_000;
const PROGRAM = 'enrolment';

/**
 * Enrols a till by RFC 7030: makes its key, pins the authority that the invitation names before anything is said,
 * fetches certificate and parameters. May be called again after a crash or a lost answer at any point: the key on disk is
 * used again, and the server gives the same certificate for it.
 */
export async function enrol(options: EnrolOptions): Promise<EnrolResult> {
  const reading = decodeInvitation(options.invitation);
  if (!reading.ok) return refused('invitation_unreadable', reading.detail);
  const files = new TillFiles(options.directory);
  const clock = options.clock ?? systemClock;
  let journal: Journal;
  try {
    files.prepare();
    journal = openJournal({ file: files.journal, program: PROGRAM, clock });
  } catch (error) {
    if (error instanceof JournalUnavailable) return refused('directory_in_use', error.message);
    return refused(
      'directory_in_use',
      `The folder cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  try {
    return await enrolInto(files, journal, reading.invitation, clock, options.timeoutMs ?? TIMEOUT_MS);
  } finally {
    journal.close();
  }
}

async function enrolInto(
  files: TillFiles,
  journal: Journal,
  invitation: Invitation,
  clock: Clock,
  timeoutMs: number,
): Promise<EnrolResult> {
  // 1. Whose folder is this?
  const known = readTill(files);
  const owner = files.terminal()?.terminalId ?? null;
  if (owner !== null && owner !== invitation.terminalId)
    return refused(
      'other_terminal',
      `This folder belongs to terminal ${owner}, the invitation to ${invitation.terminalId}. Name another folder.`,
    );
  const digest = createHash('sha256').update(JSON.stringify(invitation)).digest('base64url');
  const itsKey = files.keyMadeFor(digest);
  const isPending = itsKey !== null && itsKey === files.keyNext();
  if (known.state === 'enrolled' && !isPending && (itsKey !== null || known.till.terminal.invitation === digest)) {
    files.writeTerminal({ ...known.till.terminal, addresses: invitation.addresses, invitation: digest });
    const authorities = new TrustedAuthorities(known.till.authorityPem, (pem) => files.writeAuthority(pem));
    return finish(journal, known.till.identity, authorities, invitation, clock, timeoutMs, true);
  }

  // 2. The key is on disk before anybody hears of it; the one of an enrolment that was interrupted is used again.
  const keyPem = itsKey ?? makeKeyPem();
  if (itsKey === null) files.writeKeyNext(keyPem, digest);

  // 3. The authority, by the digest in the invitation.
  const found = await findAuthority(invitation, timeoutMs, clock);
  if ('result' in found) return found;
  const { authorities } = found;

  // 4. The certificate.
  const line = new Line({
    credentials: () => ({ identity: null, authority: authorities.pem }),
    addresses: () => invitation.addresses,
    clock,
  });
  const csr = await makeCertificateRequest(keyPem, invitation.terminalId);
  const until = clock.monotonicMs() + timeoutMs;
  const { terminalId, secret } = invitation;
  const asked = await enrolByInvitation(line, { csr, terminalId, secret }, { connectBy: until, answerBy: until });
  line.close();
  if (!asked.ok) return failed(asked.failure);
  const fault = certificateFault(asked.certificatePem, keyPem, authorities, terminalId);
  if (fault !== null) return refused('certificate_unfit', fault);

  // 5. On disk, the record last: the folder of a new till is enrolled when all of it is there.
  files.writeAuthority(authorities.pem);
  files.takeCertificate(asked.certificatePem);
  files.writeTerminal({ terminalId, addresses: invitation.addresses, invitation: digest });
  const kept = new TrustedAuthorities(authorities.pem, (pem) => files.writeAuthority(pem));
  return finish(journal, identityOf(asked.certificatePem, keyPem), kept, invitation, clock, timeoutMs, false);
}

async function findAuthority(
  invitation: Invitation,
  timeoutMs: number,
  clock: Clock,
): Promise<{ readonly authorities: TrustedAuthorities } | EnrolResult> {
  let last: EnrolResult | null = null;
  for (const address of invitation.addresses) {
    const found = await fetchAuthority(address, invitation.caDigest, timeoutMs, clock);
    if (found.ok) return { authorities: found.authorities };
    // An impostor is worth more to be told than that another address does not answer.
    if (last === null || found.failure.cause === 'tls_untrusted')
      last = failed({ ...found.failure, problem: null, detail: `${address}: ${found.failure.detail}` });
  }
  return last ?? refused('invitation_unreadable', 'The invitation names no address.');
}

/** 6. Parameters; the till is enrolled without them, too, and fetches them as soon as it can. */
async function finish(
  journal: Journal,
  identity: TillIdentity,
  authorities: TrustedAuthorities,
  invitation: Invitation,
  clock: Clock,
  timeoutMs: number,
  repeated: boolean,
): Promise<EnrolResult> {
  journal.transaction(() => journal.settings.addCertificate(identity.thumbprint, identity.certificatePem, clock.now()));
  const shelf = new ParameterShelf(journal, authorities, clock);
  const line = new Line({
    credentials: () => ({
      identity: { key: identity.keyPem, certificate: identity.certificatePem },
      authority: authorities.pem,
    }),
    addresses: () => invitation.addresses,
    clock,
  });
  const until = clock.monotonicMs() + timeoutMs;
  const fetched = await new ServerCalls(line).parameters(shelf.etag, { connectBy: until, answerBy: until });
  line.close();
  const detail = fetched.ok
    ? takeFetched(shelf, fetched.value.jws, fetched.value.etag)
    : `The parameters could not be fetched yet (${fetched.failure.detail ?? fetched.failure.cause}); the till fetches them when it can.`;
  return {
    result: 'enrolled',
    terminalId: identity.terminalId,
    taxpayerId: identity.taxpayerId,
    premisesId: identity.premisesId,
    certificateNotAfter: identity.notAfter.toISOString(),
    parametersVersion: shelf.current?.version ?? null,
    repeated,
    detail,
  };
}

function takeFetched(shelf: ParameterShelf, jws: string | null, etag: string | null): string {
  return jws === null ? 'The parameters are the newest.' : shelf.takeFromServer(jws, etag).detail;
}

function certificateFault(
  certificatePem: string,
  keyPem: string,
  authorities: TrustedAuthorities,
  terminalId: string,
): string | null {
  if (!isIssuedBy(new X509Certificate(certificatePem), [], authorities.certificates))
    return 'The certificate that came is of another authority.';
  if (!certificateFitsKey(certificatePem, keyPem)) return 'The certificate that came is for another key.';
  const identity = identityOf(certificatePem, keyPem);
  return identity.terminalId === terminalId ? null : `The certificate that came names terminal ${identity.terminalId}.`;
}

function failed(failure: CallFailure): EnrolResult {
  const { cause, detail, problem } = failure;
  const isFinal = problem?.retry === 'never' || cause === 'tls_untrusted';
  return { result: isFinal ? 'refused' : 'unreachable', cause, detail: detail ?? cause, problem };
}

function refused(
  cause: Extract<EnrolResult, { result: 'refused' | 'unreachable' }>['cause'],
  detail: string,
): EnrolResult {
  return { result: 'refused', cause, detail, problem: null };
}
