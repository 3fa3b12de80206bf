import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { PROBLEMS } from '@tax-control/protocol';
import type { TerminalRecord } from '../registry/terminal-directory.js';
import { isStranger, judgeCaller } from './judge-caller.js';
import type { Peer } from './peer.js';
import { type AuthenticationRefusal, REFUSALS } from './standing.js';

const NOW_MS = Date.parse('2026-11-22T12:00:00Z');
const HOUR_MS = 3_600_000;
const EXPIRED_MS_MAX = 90 * 24 * HOUR_MS;
const at = (nowMs: number) => ({ nowMs, expiredMsMax: EXPIRED_MS_MAX });
/** A certificate that ended an hour ago. */
const EXPIRED = NOW_MS - HOUR_MS;
const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const peer: Peer = {
  thumbprint: 'T',
  terminalId: 'till-1',
  notBeforeMs: NOW_MS - HOUR_MS,
  notAfterMs: NOW_MS + HOUR_MS,
  isTrusted: true,
};

function record(
  over: {
    status?: TerminalRecord['status'];
    isCertificateRevoked?: boolean;
    isShownAgain?: boolean;
    thumbprint?: string;
  } = {},
): TerminalRecord {
  const certificate = {
    publicKey,
    notBefore: new Date(peer.notBeforeMs),
    notAfter: new Date(peer.notAfterMs),
    revokedAt: over.isCertificateRevoked === true ? new Date(NOW_MS) : null,
    isShownAgain: over.isShownAgain === true,
    names: { taxpayerId: null, premisesId: null },
  };
  return {
    terminalId: 'till-1',
    taxpayerId: 'taxpayer-1',
    premisesId: 'premises-1',
    status: over.status ?? 'active',
    certificates: new Map([[over.thumbprint ?? peer.thumbprint, certificate]]),
    olderCertificate: () => Promise.resolve(null),
  };
}

describe('the judgement of a caller', () => {
  it('finds nothing wrong with an active terminal', () => {
    const caller = judgeCaller(peer, record(), at(NOW_MS));
    expect(caller.refusals).toEqual([]);
    expect(caller.terminal).toMatchObject({
      terminalId: 'till-1',
      taxpayerId: 'taxpayer-1',
      premisesId: 'premises-1',
      thumbprint: 'T',
      standing: 'active',
      status: 'active',
    });
  });

  it.each<[string, Peer | null, TerminalRecord | null, AuthenticationRefusal[]]>([
    ['no certificate', null, null, ['certificate_missing']],
    ['a foreign one, out of date', { ...peer, isTrusted: false, notAfterMs: 0 }, null, ['certificate_untrusted']],
    ['one of tomorrow', { ...peer, notBeforeMs: NOW_MS + 1 }, record(), ['certificate_not_yet_valid']],
    ['one of a second ago', { ...peer, notAfterMs: NOW_MS - 1 }, record(), ['certificate_expired']],
    ['one of 90 days ago', { ...peer, notAfterMs: NOW_MS - EXPIRED_MS_MAX }, record(), ['certificate_expired']],
    [
      'one of a millisecond before that',
      { ...peer, notAfterMs: NOW_MS - EXPIRED_MS_MAX - 1 },
      record(),
      ['certificate_expired_long_ago'],
    ],
    [
      'one of long ago, of a suspended terminal',
      { ...peer, notAfterMs: 0 },
      record({ status: 'suspended' }),
      ['terminal_suspended', 'certificate_expired_long_ago'],
    ],
    ['one whose end cannot be read', { ...peer, notAfterMs: Number.NaN }, record(), ['certificate_expired_long_ago']],
    ['one that nobody knows', peer, null, ['terminal_unknown']],
    ['another terminal’s record', peer, record({ thumbprint: 'other' }), ['terminal_unknown']],
    ['a certificate that was shown again', peer, record({ isShownAgain: true }), ['terminal_unknown']],
    ['expired and unknown', { ...peer, notAfterMs: EXPIRED }, null, ['certificate_expired', 'terminal_unknown']],
    [
      'expired, certificate and terminal revoked',
      { ...peer, notAfterMs: EXPIRED },
      record({ status: 'revoked', isCertificateRevoked: true }),
      ['certificate_expired', 'certificate_revoked', 'terminal_revoked'],
    ],
    [
      'certificate revoked, terminal suspended',
      peer,
      record({ status: 'suspended', isCertificateRevoked: true }),
      ['certificate_revoked', 'terminal_suspended'],
    ],
  ])('names all that is wrong with %s, in order', (_what, presented, known, refusals) => {
    expect(judgeCaller(presented, known, at(NOW_MS)).refusals).toEqual(refusals);
  });

  it('holds a certificate for valid in its first and in its last millisecond', () => {
    for (const nowMs of [peer.notBeforeMs, peer.notAfterMs])
      expect(judgeCaller(peer, record(), at(nowMs)).refusals).toEqual([]);
  });

  it('has the catalogue’s order of precedence', () => {
    const numbers = REFUSALS.map((refusal) => PROBLEMS[refusal].number);
    expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
  });
});

describe('a stranger, whose bodies get no room as a terminal’s', () => {
  it.each<[string, Peer, TerminalRecord | null | undefined, boolean]>([
    ['is nobody of whom nothing is known', peer, undefined, false],
    ['is nobody in order', peer, record(), false],
    ['is nobody who renewed since memory looked', peer, record({ thumbprint: 'O' }), false],
    ['is nobody who was registered since memory looked', peer, null, false],
    ['is nobody suspended', peer, record({ status: 'suspended' }), false],
    ['is a revoked terminal', peer, record({ status: 'revoked' }), true],
    ['is a revoked terminal with another certificate', peer, record({ status: 'revoked', thumbprint: 'O' }), true],
    ['is a revoked certificate', peer, record({ isCertificateRevoked: true }), true],
    ['is who shows an expired one', { ...peer, notAfterMs: EXPIRED }, record(), true],
    ['is who shows one of tomorrow', { ...peer, notBeforeMs: NOW_MS + HOUR_MS }, undefined, true],
    ['is who shows a foreign one', { ...peer, isTrusted: false }, undefined, true],
  ])('%s', (_who, shown, known, expected) => {
    expect(isStranger(shown, known, at(NOW_MS))).toBe(expected);
  });
});
