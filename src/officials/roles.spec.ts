import { expect, it } from 'vitest';
import { OFFICIAL_ROLES } from '@tax-control/protocol/console';
import { mayActAs } from './roles.js';

it.each([
  ['official', ['official']],
  ['operator', ['official', 'operator']],
  ['administrator', ['official', 'operator', 'administrator']],
  ['supervisor', ['official', 'supervisor']],
] as const)('%s may act as %j and nothing else', (role, allowed) => {
  expect(OFFICIAL_ROLES.filter((needed) => mayActAs([role], needed))).toEqual(allowed);
});

it('takes the roles of an account together', () => {
  expect(OFFICIAL_ROLES.every((needed) => mayActAs(['administrator', 'supervisor'], needed))).toBe(true);
  expect(OFFICIAL_ROLES.some((needed) => mayActAs([], needed))).toBe(false);
});
