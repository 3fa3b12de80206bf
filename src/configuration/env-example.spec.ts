import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readSettings } from './read-settings.js';
import {
  DatabaseVariables,
  EnrolmentVariables,
  KeysVariables,
  RecoveryVariables,
  RetentionVariables,
  SECRETS,
  ServerVariables,
} from './variables.js';

const text = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
const lines = [...text.matchAll(/^(#?)([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(([, comment, name, value]) => ({
  name: name ?? '',
  value: value ?? '',
  isOptional: comment === '#',
}));
const defaults = Object.fromEntries(
  [
    DatabaseVariables,
    KeysVariables,
    EnrolmentVariables,
    RecoveryVariables,
    RetentionVariables,
    ServerVariables,
  ].flatMap((Variables) => Object.entries(new Variables() as object as Record<string, string>)),
);

it('.env.example names each setting once, and nothing else', () => {
  expect(lines.map(({ name }) => name).sort()).toEqual(Object.keys(defaults).sort());
});

it('.env.example shows the defaults of the classes', () => {
  expect(Object.fromEntries(lines.map(({ name, value }) => [name, value]))).toEqual(defaults);
});

it('.env.example leaves uncommented exactly what must be set', () => {
  const required = lines.filter(({ isOptional }) => !isOptional).map(({ name }) => name);
  const set = Object.fromEntries(required.map((name) => [name, 'postgresql://user:password@localhost/tax']));
  expect(() => readSettings(set)).not.toThrow();
  for (const name of required) expect(() => readSettings({ ...set, [name]: '' })).toThrow(name);
});

it('.env.example explains each setting or group of settings', () => {
  const unexplained = text.split('\n\n').filter((block) => /^#?[A-Z][A-Z0-9_]+=/m.test(block) && !/^# \S/.test(block));
  expect(unexplained).toEqual([]);
});

it('no secret has a default', () => {
  for (const name of SECRETS) expect(defaults[name]).toBe('');
});

/** What a number counts, by the end of its name. */
const UNITS: Readonly<Record<string, RegExp>> = {
  MS: /millisecond/i,
  DAYS: /\bdays?\b/i,
  YEARS: /\byears?\b/i,
  PORT: /\bport|where .*(connect|look)|loopback/i,
  SIZE: /\bconnections\b|\bbytes\b/i,
  MAX: /\b(invoices|lists|requests|bytes|megabytes|mb)\b/i,
  THREADS: /\bthreads\b/i,
};

/** The comment above each setting, shared by those that stand together. */
const explanations = text.split('\n\n').flatMap((block) => {
  const comment = [...block.matchAll(/^# (.*)$/gm)].map(([, line = '']) => line).join(' ');
  return [...block.matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map(([, name = '']) => ({ name, comment }));
});

it.each(explanations)('.env.example gives $name with what it is and why: two sentences at least', ({ comment }) => {
  expect(comment.split(/[.:;](?: |$)/).filter((sentence) => sentence.trim() !== '').length).toBeGreaterThan(1);
});

it.each(explanations.filter(({ name }) => /^\d+$/.test(defaults[name] ?? '')))(
  '.env.example says what $name counts',
  ({ name, comment }) => {
    expect(comment).toMatch(UNITS[name.split('_').at(-1) ?? ''] ?? /^a number setting needs a unit here$/);
  },
);
