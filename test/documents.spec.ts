import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { promisify } from 'node:util';
import { written } from '@tax-control/protocol/testing';
import { describe, expect, it } from 'vitest';
import { systemClock } from '@tax-control/protocol';
import { library } from '../packages/billing-interface/src/cli/library.js';
import { runCommand } from '../packages/billing-interface/src/cli/program.js';
import { run } from '../src/commands/run.js';
import { callsOf, faultOf, type Help, words } from './documents/commands.js';
import {
  brokenLinks,
  inlineCode,
  missingFiles,
  type Page,
  project,
  projectFiles,
  readPage,
  shellLines,
} from './documents/pages.js';
import { hasGit, notIgnored, writtenFiles } from './documents/written-files.js';

const files = projectFiles();
const pages = files.filter((file) => file.endsWith('.md')).map(readPage);
const { scripts } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

const control: Help = async (path) => {
  let help = '';
  const status = await run([...path, '--help'], { out: (text) => (help += text), error: () => {} }, systemClock);
  return status === 0 ? help : null;
};

const terminal: Help = async (path) => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const io = { stdin: Readable.from(['']), stdout, stderr, stopRequested: () => Promise.resolve() };
  const status = await runCommand([...path, '--help'], io, library, '0.0.0');
  return status === 0 ? written(stdout) : null;
};

/** The help of the program behind an npm script; it is in `dist`, because npm test builds first. */
function scriptHelp(name: string): Help {
  const [, program = ''] = /(dist\/tools\/\S+)/.exec(scripts[name] ?? '') ?? [];
  return async (path) => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(project, program), ...path, '--help']);
    return stdout;
  };
}

/** Commands as a page gives them: in shell blocks and between backticks. */
function commandLines(page: Page): string[] {
  return [...shellLines(page), ...inlineCode(page)];
}

async function faultsOf(page: Page): Promise<string[]> {
  const calls = [
    ...callsOf('tax-control', commandLines(page)).map((call) => ({ call, help: control })),
    ...callsOf('tax-terminal', commandLines(page)).map((call) => ({ call, help: terminal })),
    ...callsOf('main\\.js', commandLines(page)).map((call) => ({ call, help: control })),
  ];
  const faults = await Promise.all(calls.map(({ call, help }) => faultOf(call, help)));
  return faults.filter((fault) => fault !== null);
}

/** `npm run X` and `npm X` for scripts that there are not. */
function unknownScripts(page: Page): string[] {
  return callsOf('npm', commandLines(page))
    .map((call) => (call[0] === 'run' ? call[1] : call[0] === 'test' || call[0] === 'start' ? call[0] : undefined))
    .filter((name) => name !== undefined && !name.startsWith('-') && scripts[name] === undefined)
    .map(String);
}

describe.each(pages.map((page) => [page.path, page] as const))('%s', (_, page) => {
  it('leads somewhere with every link', () => expect(brokenLinks(page, files)).toEqual([]));
  it('names files that are there', () => expect(missingFiles(page, files)).toEqual([]));
  it('calls commands with options that they have', async () => expect(await faultsOf(page)).toEqual([]));
  it('calls npm scripts that there are', () => expect(unknownScripts(page)).toEqual([]));
});

describe('options of npm scripts', () => {
  it.each(['start', 'demo', 'simulate', 'replay', 'bench', 'audit'])('%s has those that pages name', async (name) => {
    const called = name === 'start' ? '(?:run )?start' : `run ${name}`;
    const calls = callsOf(`npm ${called}(?: --silent)? --`, pages.flatMap(commandLines));
    const help = scriptHelp(name);
    expect((await Promise.all(calls.map((call) => faultOf(call, help)))).filter(Boolean)).toEqual([]);
  });
});

it('README.md has the two commands, to the letter', () => {
  const { text } = readPage('README.md');
  expect(text).toMatch(/^npm ci && npm run demo /m);
  expect(text).toMatch(/^npm ci && npm test /m);
});

it('the list of decisions is the decisions that there are, with their titles', () => {
  const listed = [...readPage('docs/decisions/README.md').text.matchAll(/^\| \[(\d{4})\]\(([^)]+)\) +\| (.+?) +\|$/gm)];
  const decisions = files.filter((file) => /^docs\/decisions\/\d/.test(file));
  expect(listed.map(([, number, file, title]) => [`docs/decisions/${file}`, `# ${number} ${title}`])).toEqual(
    decisions.map((path) => [path, readPage(path).text.split('\n')[0]]),
  );
});

describe.skipIf(!hasGit)('what pages have their readers write into the clone (not tried where there is no git)', () => {
  const written = [...new Set(pages.flatMap((page) => writtenFiles(shellLines(page))))];

  it.each(['.gitignore', '.dockerignore'] as const)('is kept out by %s', (file) => {
    expect(written).toContain('keys.tar');
    expect(notIgnored(written, file)).toEqual([]);
    expect(notIgnored(['README.md', 'src/main.ts'], '.gitignore')).toHaveLength(2);
  });
});

describe('what is looked for is found', () => {
  const page = (text: string): Page => ({ path: 'docs/page.md', text });

  it('in links and files', () => {
    const text =
      'See [a](no.md), [b](../README.md#nowhere), [c](../README.md#try-it), `src/no/file.ts`, `test/none`, `src/http`.';
    expect(brokenLinks(page(text), files)).toEqual(['no.md', '../README.md#nowhere']);
    expect(missingFiles(page(text), files)).toEqual(['src/no/file.ts', 'test/none']);
  });

  it('in commands', async () => {
    const text =
      '```console\n$ tax-control terminal sell\n$ tax-control taxpayer add x --nam y\nout\n$ jq . x | tax-terminal issue \\\n> --sale x\n```\n`tax-terminal log --limit 3`, `npm run nothing`';
    expect(await faultsOf(page(text))).toEqual([
      'there is no command terminal sell',
      'taxpayer add has no option --nam',
      'issue has no option --sale',
    ]);
    expect(unknownScripts(page(text))).toEqual(['nothing']);
    expect(
      writtenFiles(['a > b.json 2>&1', 'c >> /tmp/d; e --out f.jws > $G', 'h --output=i.bin # > j', '(k > l.tar)']),
    ).toEqual(['b.json', 'f.jws', 'i.bin', 'l.tar']);
    expect(writtenFiles(['mkdir m && cd m', 'echo n > o.json', 'cd /p'])).toEqual(['m/o.json']);
    expect(words(`add x --name 'Corner; Shop' "a b" > file`)).toEqual([
      'add',
      'x',
      '--name',
      `'Corner; Shop'`,
      '"a b"',
    ]);
  });
});
