import { expect, it } from 'vitest';
import { faultOfPassword } from './password-rules.js';
import { makeTemporaryPassword } from './temporary-password.js';

const HOLDER = { name: 'ada.lovelace', fullName: 'Ada Lovelace' };

it.each([
  'a horse eats eleven clocks',
  'grzb-pq7m-xxk2-9dtv',
  'Wir trinken abends Tee.',
  '统计报表每天早上八点更新吧',
  'vjkwzmhtqbxn',
  '    twelve spaces count too',
  'Password of my aunt Gwendolyn',
  '🐘🐘🦒🐊🦔🦆🐝🦋🐢🐙🦀🐡',
])('takes %j', (password) => expect(faultOfPassword(password, HOLDER)).toBeNull());

it.each(['', 'short', 'elevenchars', '🐘🐘🐘🐘🐘🐘🐘🐘🐘🐘🐘'])('refuses %j as too short', (password) =>
  expect(faultOfPassword(password, HOLDER)).toContain('at least 12'),
);

it.each([
  'password1234',
  'Password2026!',
  'P@ssw0rdP@ssw0rd',
  'passwordpassword',
  'qwertyuiop123',
  '123456789012',
  '987654321098',
  'abcdefghijkl',
  'aaaaaaaaaaaa',
  'abababababab',
  'letmein-letmein',
  'Iloveyou!2024',
  'correct horse battery staple',
  'ada.lovelace',
  'AdaLovelace1815',
  'lovelacelovelace',
  'Tax-Control-2026',
  'taxofficeadmin1',
  'Summer2026Winter',
  '1qaz2wsx3edc',
  'zxcvbnm,./zxcvbnm',
  'woaini1314520',
  '            ',
  '0000-0000-0000',
])('refuses %j as guessable', (password) => expect(faultOfPassword(password, HOLDER)).toContain('must not be made of'));

it('refuses what is longer than anyone types', () =>
  expect(faultOfPassword('x'.repeat(300), HOLDER)).toContain('at most 256'));

it('judges a long one at once', () => {
  const password = '1q2w'.repeat(64);
  const begin = performance.now();
  faultOfPassword(password, HOLDER);
  // A rule that looked for repetitions in a wrong way would take hours.
  expect(performance.now() - begin).toBeLessThan(10_000);
});

it('is content with the temporary passwords that are made, no two of which are the same', () => {
  const made = Array.from({ length: 200 }, makeTemporaryPassword);
  expect(new Set(made).size).toBe(made.length);
  for (const password of made) {
    expect(password).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
    expect([password, faultOfPassword(password, HOLDER)]).toEqual([password, null]);
  }
});
