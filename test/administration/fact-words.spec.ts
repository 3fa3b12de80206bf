import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string) => readFile(new URL(path, ROOT), 'utf8');

/** Types of the compiler leave nothing at run time, so the names are read from the source. */
it.each(['en', 'zh'])('the console names every fact of the audit trail: %s', async (language) => {
  const [, facts = ''] =
    /export interface AuditFacts \{(.*?)\n\}/s.exec(await read('src/audit-trail/audited-act.ts')) ?? [];
  const names = new Set([...facts.matchAll(/readonly (\w+)\??:/g)].map(([, name]) => name ?? ''));
  expect(names.size).toBeGreaterThan(30);
  const dictionary = await read(`packages/console/src/i18n/${language}/csv.ts`);
  const words = new Set([...dictionary.matchAll(/'csv\.(\w+)':/g)].map(([, name]) => name ?? ''));
  expect([...names, 'command'].filter((name) => !words.has(name))).toEqual([]);
});
