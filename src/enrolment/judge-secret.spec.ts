import { expect, it } from 'vitest';
import { type InvitationRow, secretDigest } from './invitations.js';
import { judgeSecret } from './judge-secret.js';

const KEY = Buffer.alloc(32, 1);
const OTHER_KEY = Buffer.alloc(32, 2);

const invitation = (secret: string, facts: Partial<InvitationRow> = {}): InvitationRow => ({
  invitationId: secret,
  secretDigest: secretDigest(secret),
  expired: false,
  locked: false,
  keyDigest: null,
  thumbprint: null,
  ...facts,
});
const used = { keyDigest: KEY, thumbprint: 'T' };

it.each<[string, InvitationRow[], Buffer | null, unknown]>([
  ['the open one', [invitation('right')], KEY, { result: 'good', invitation: invitation('right') }],
  ['the open one, without a usable key', [invitation('right')], null, { result: 'good' }],
  ['none at all', [], KEY, { result: 'wrong', countAgainst: null }],
  ['another', [invitation('other')], KEY, { result: 'wrong', countAgainst: invitation('other') }],
  ['another, used one', [invitation('other', used)], KEY, { result: 'wrong', countAgainst: null }],
  ['another, expired one', [invitation('other', { expired: true })], KEY, { result: 'wrong', countAgainst: null }],
  ['one used with this key', [invitation('right', used)], KEY, { result: 'repeated', thumbprint: 'T' }],
  ['one used with this key, long ago', [invitation('right', { ...used, expired: true })], KEY, { result: 'repeated' }],
  [
    'one used with this key, a new one being locked',
    [invitation('new', { locked: true }), invitation('right', used)],
    KEY,
    { result: 'repeated' },
  ],
  ['one used with another key', [invitation('right', used)], OTHER_KEY, { result: 'used' }],
  ['one used, without a usable key', [invitation('right', used)], null, { result: 'used' }],
  ['an expired one', [invitation('right', { expired: true })], KEY, { result: 'expired' }],
  [
    'an older one that ended with the new one',
    [invitation('new'), invitation('right', { expired: true })],
    KEY,
    { result: 'expired' },
  ],
  ['a locked one', [invitation('right', { locked: true })], KEY, { result: 'locked' }],
  ['another, locked one', [invitation('other', { locked: true })], KEY, { result: 'locked' }],
  [
    'a new one after a locked one',
    [invitation('right'), invitation('old', { locked: true, expired: true })],
    KEY,
    { result: 'good' },
  ],
])('judges a secret of %s', (_, invitations, keyDigest, expected) => {
  expect(judgeSecret('right', keyDigest, invitations)).toMatchObject(expected as object);
});
