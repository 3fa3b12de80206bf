import { expect, it } from 'vitest';
import { type InvitationRow, secretDigest } from './invitations.js';
import { judgeInvitation } from './judge-invitation.js';

const KEY = Buffer.alloc(32, 1);
const OTHER_KEY = Buffer.alloc(32, 2);

const open: InvitationRow = {
  invitationId: '1',
  secretDigest: secretDigest('right'),
  expired: false,
  keyDigest: null,
  thumbprint: null,
};
const used = { ...open, keyDigest: KEY, thumbprint: 'T' };

it.each<[string, InvitationRow, Buffer | null, unknown]>([
  ['an open one', open, KEY, { result: 'good' }],
  ['an open one, without a usable key', open, null, { result: 'good' }],
  ['one used with this key', used, KEY, { result: 'repeated', thumbprint: 'T' }],
  ['one used with this key, long ago', { ...used, expired: true }, KEY, { result: 'repeated', thumbprint: 'T' }],
  ['one used with another key', used, OTHER_KEY, { result: 'used' }],
  ['one used, without a usable key', used, null, { result: 'used' }],
  ['an expired one', { ...open, expired: true }, KEY, { result: 'expired' }],
])('judges %s', (_, invitation, keyDigest, expected) => {
  expect(judgeInvitation(keyDigest, invitation)).toEqual(expected);
});
