import { hash } from '@node-rs/argon2';
import { describe, expect, it } from 'vitest';
import { hashPassword, isOutdated, NOBODYS_HASH, PasswordHash } from './password-hash.js';

const passwords = new PasswordHash();

describe('a password’s hash', () => {
  it('is argon2id with a salt of its own', async () => {
    const [one, other] = await Promise.all([passwords.make('a b c'), passwords.make('a b c')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$/);
    expect(one).not.toBe(other);
    expect(await passwords.check('a b c', one)).toBe('right');
    expect(await passwords.check('a b C', one)).toBe('wrong');
  });

  it('is the same for one password from two keyboards', async () => {
    const composed = await hashPassword('caf\u00e9 au lait');
    expect(await passwords.check('cafe\u0301 au lait', composed)).toBe('right');
  });

  it('costs the same where there is no account', async () => {
    expect(isOutdated(NOBODYS_HASH)).toBe(false);
    expect(await passwords.check('anything', null)).toBe('wrong');
  });

  it('is outdated when its costs are not today’s', async () => {
    expect(isOutdated(await hash('x', { memoryCost: 1_024, timeCost: 1, parallelism: 1 }))).toBe(true);
    expect(isOutdated(await hashPassword('x'))).toBe(false);
  });
});
