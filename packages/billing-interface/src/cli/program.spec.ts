import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { written } from '@tax-control/protocol/testing';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { sampleDraft, startFixture, TOKEN } from '../testing/agent-fixture.js';
import { MemoryTill } from '../testing/memory-till.js';
import { JournalUnavailable, journalUnavailable } from '../journal/journal-unavailable.js';
import { library as realLibrary, type Library } from './library.js';
import { runCommand } from './program.js';

const directory = mkdtempSync(join(tmpdir(), 'command-'));
afterAll(() => rmSync(directory, { recursive: true }));

let till: MemoryTill;
let library: Library;
let asked: string[];

beforeEach(() => {
  till = new MemoryTill('till-7');
  asked = [];
  library = {
    openTill: ({ directory: folder, software }) => {
      if (folder === 'held')
        return Promise.reject(new JournalUnavailable('held', 'Another program has the journal open.'));
      asked.push(`${folder} ${software.name}/${software.version}`);
      return Promise.resolve(till);
    },
    enrol: ({ invitation }) => {
      asked.push(invitation);
      return Promise.resolve(
        invitation === 'good'
          ? {
              result: 'enrolled',
              terminalId: 'till-7',
              taxpayerId: 'corner-shop',
              premisesId: 'main-street',
              certificateNotAfter: '2027-11-22T00:00:00.000Z',
              parametersVersion: 1,
              repeated: false,
              detail: 'Parameters version 1.',
            }
          : {
              result: 'refused',
              cause: 'enrolment_secret_used',
              detail: 'Ask the operator for a new invitation.',
              problem: null,
            },
      );
    },
    exportJournal: (folder) => (folder === 'broken' ? brokenExport() : ['{"a":1}', '{"b":2}']),
    verifyJournal: (folder) => {
      const faults = folder === 'broken' ? ['counter 3: chain broken'] : [];
      const counts = { journals: 1, invoices: 3, waiting: 0, issued: 3, refused: 0, fetched: 0 };
      return { ok: faults.length === 0, ...counts, faults, notes: ['journal.mark was missing.'] };
    },
  };
});

function* brokenExport(): Generator<string> {
  yield '{"a":1}';
  throw journalUnavailable('failed');
}

interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** @param onStopAwaited told when the command begins to wait for a signal that ends it, and how much it has said until then */
async function run(args: string, stdin = '', onStopAwaited?: (said: number) => void): Promise<Outcome> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const stopRequested = (): Promise<void> => {
    onStopAwaited?.(stdout.readableLength);
    return Promise.resolve();
  };
  const io = { stdin: Readable.from([stdin]), stdout, stderr, stopRequested };
  const status = await runCommand(args.split(' ').filter(Boolean), io, library, '9.9.9');
  return { status, out: written(stdout), err: written(stderr) };
}

const draft = JSON.stringify(sampleDraft);

describe('usage', () => {
  it.each([
    '',
    'enrol',
    'issue',
    'receipt',
    'status',
    'drain',
    'log',
    'parameters import',
    'export',
    'verify',
    'agent',
  ])('%s --help tells how to call it, with the exit statuses and an example', async (command) => {
    const { status, out } = await run(`${command} --help`);
    expect(status).toBe(0);
    expect(out).toContain('Exit status: 0 done');
    expect(out).toMatch(command === '' ? /Commands:\n/ : /Examples?:\n {2}tax-terminal /);
  });

  it.each([
    ['sell', 'unknown command'],
    ['issue -d d', 'required option'],
    ['status', '--directory FOLDER'],
    ['status --agent nowhere', '--terminal'],
    ['status --bogus', 'unknown option'],
    ['log -d d --limit 0', '1 to 500'],
    ['issue -d d -s a --receipt 40', 'Allowed choices are 32, 42, 48'],
    ['issue -d d -s a no-such-file.json', 'cannot be read'],
    ['issue -d d -s a --software x -', '--software takes NAME/VERSION'],
    ['status -d d --time-zone Mars/Olympus', '--time-zone: The time zone "Mars/Olympus" is not known'],
    ['agent -d . --time-zone +03:00', 'Give an IANA name'],
    ['agent -d d --listen nowhere', '--listen takes host:port'],
    ['agent -d d --tls-key k', 'go together'],
  ])('%s: wrong usage is status 2 and says what to do', async (args, told) => {
    const { status, err } = await run(args, draft);
    expect(status).toBe(2);
    expect(err).toContain(told);
  });

  it('tells its version', async () => {
    expect((await run('--version')).out).toBe('9.9.9\n');
  });
});

describe('issue', () => {
  it('sells what stands on standard input', async () => {
    const { status, out } = await run('issue -d folder -s a', draft);
    expect(status).toBe(0);
    expect(out).toContain('00000 00012 34567 89056');
    expect(till.issuedDrafts).toEqual([sampleDraft]);
    expect(asked).toEqual(['folder tax-terminal/9.9.9']);
    expect(till.closed).toBe(true);
  });

  it('sells what stands in a file, prints the receipt, and names the software', async () => {
    const file = join(directory, 'sale.json');
    writeFileSync(file, draft);
    const { out } = await run(`issue -d folder -s a --receipt 32 --language zh-CN --software Kasse/4.2 ${file}`);
    expect(out).toContain('税控码');
    expect(asked).toEqual(['folder Kasse/4.2']);
  });

  it.each([
    ['stored_offline', 0],
    ['limit_reached', 1],
    ['not_permitted', 1],
    ['journal_unavailable', 3],
    ['sale_id_conflict', 1],
  ] as const)('%s ends with status %d', async (result, expected) => {
    till.answers.set('a', (saleId) =>
      result === 'stored_offline' ? till.storedOffline(saleId) : { result, saleId, detail: 'What to do.' },
    );
    const { status, out } = await run('issue -d folder -s a --json', draft);
    expect(status).toBe(expected);
    expect(JSON.parse(out)).toMatchObject({ result, saleId: 'a' });
    const told = await run('issue -d folder -s a', draft);
    expect(told.out + told.err).toContain(result === 'stored_offline' ? 'Qm9v-ZXN0' : 'What to do.');
  });

  it('says where a draft is wrong', async () => {
    const { status, err } = await run('issue -d folder -s a', '{"kind":"sale"}');
    expect(status).toBe(1);
    expect(err).toContain('/number: Is missing.');
    expect(asked).toEqual([]);
  });
});

describe('a journal that another program holds', () => {
  it('is status 3, with the way round', async () => {
    const { status, out, err } = await run('status -d held --json');
    expect(status).toBe(3);
    expect(err).toContain('add --agent URL');
    expect(JSON.parse(out)).toEqual({ result: 'journal_unavailable', detail: 'Another program has the journal open.' });
  });
});

describe('enrol', () => {
  it('reads the invitation from standard input', async () => {
    const { status, out } = await run('enrol -d folder', 'good\n');
    expect(status).toBe(0);
    expect(out).toContain('till-7 is enrolled');
    expect(asked).toEqual(['good']);
  });

  it('takes no invitation from the command line, where others could read it', async () => {
    expect((await run('enrol -d folder --invitation good')).status).toBe(2);
    expect(asked).toEqual([]);
  });

  it('says what to do when it is refused', async () => {
    const { status, out, err } = await run('enrol -d folder --json', 'used\n');
    expect(status).toBe(1);
    expect(err).toContain('Ask the operator');
    expect(JSON.parse(out)).toMatchObject({ result: 'refused', cause: 'enrolment_secret_used' });
    expect((await run('enrol -d folder', ' ')).status).toBe(2);
  });
});

describe('files that a person names', () => {
  it('leaves nothing of an export that failed, so that the same command may be repeated', async () => {
    const output = join(directory, 'failed.jsonl');
    library = {
      ...library,
      exportJournal: () => {
        throw new JournalUnavailable('held', 'Another program has the journal open.');
      },
    };
    expect((await run(`export -d folder --output ${output}`)).status).toBe(3);
    library = {
      ...library,
      *exportJournal() {
        yield '{}';
        throw new JournalUnavailable('held', 'Another program has the journal open.');
      },
    };
    expect((await run(`export -d folder --output ${output}`)).status).toBe(3);
    expect(readdirSync(directory).filter((name) => name.startsWith('failed'))).toEqual([]);
  });

  it('says that there is no journal to export, and what an agent lacks to start', async () => {
    library = { ...library, exportJournal: (folder) => realLibrary.exportJournal(folder) };
    const nothing = await run(`export -d ${join(directory, 'no-till')}`);
    expect(nothing).toMatchObject({ status: 3, out: '' });
    expect(nothing.err).toContain('is this the folder of a till?');
    const token = await run(
      `agent -d ${directory} --listen 127.0.0.1:0 --token-file ${join(directory, 'no', 'token')}`,
    );
    expect(token).toMatchObject({ status: 1 });
    expect(token.err).toContain('Make it, or name another file.');
  });

  it('says when the receipt cannot be written there', async () => {
    await run('issue -d folder -s a', draft);
    const { status, err } = await run(`receipt a -d folder --output ${join(directory, 'no', 'receipt')}`);
    expect(status).toBe(2);
    expect(err).toContain('Name another one.');
  });
});

describe('status, drain, log, parameters', () => {
  it('are told for people and for programs', async () => {
    expect((await run('status -d folder')).out).toMatch(/line +up/);
    expect(JSON.parse((await run('status -d folder --json')).out)).toMatchObject({ circuit: 'closed' });
    expect((await run('drain -d folder')).out).toMatch(/issued before +1/);
    expect(JSON.parse((await run('drain -d folder --json')).out)).toMatchObject({ alreadyIssued: 1 });
    expect((await run('log -d folder')).out).toContain('connection_refused');
    expect(JSON.parse((await run('log -d folder --json')).out)).toMatchObject({ entries: [{ outcome: 'failed' }] });
  });

  it('imports parameters from a file', async () => {
    const file = join(directory, 'parameters.jws');
    writeFileSync(file, 'good\n');
    expect(await run(`parameters import ${file} -d folder`)).toMatchObject({
      status: 0,
      out: 'Version 2 is in force.\n',
    });
    writeFileSync(file, 'bad');
    expect(await run(`parameters import ${file} -d folder`)).toMatchObject({ status: 1 });
  });

  it('ends with status 1 when a drain was stopped', async () => {
    till.drain = () =>
      Promise.resolve({ issued: 0, alreadyIssued: 0, refused: 0, deferred: 0, stillWaiting: 4, cause: 'no_route' });
    const { status, out } = await run('drain -d folder');
    expect(status).toBe(1);
    expect(out).toContain('no_route');
  });
});

describe('receipt', () => {
  it('is printed again, as text or for a printer', async () => {
    await till.issue('a', sampleDraft);
    expect((await run('receipt a -d folder --columns 42 --reprint')).out).toMatch(/^ +Reprint\n/);
    const file = join(directory, 'receipt.bin');
    await run(`receipt a -d folder --escpos raster --output ${file}`);
    expect(readFileSync(file).includes(Buffer.from([0x1d, 0x76, 0x30]))).toBe(true);
    expect(await run('receipt unknown -d folder')).toMatchObject({ status: 1 });
  });
});

describe('export and verify', () => {
  it('writes to standard output, or to a new file that only its owner reads', async () => {
    expect((await run('export -d folder')).out).toBe('{"a":1}\n{"b":2}\n');
    const file = join(directory, 'export.jsonl');
    expect((await run(`export -d folder --output ${file}`)).out).toContain('2 lines');
    expect(readFileSync(file, 'utf8')).toBe('{"a":1}\n{"b":2}\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await run(`export -d folder --output ${file}`)).status).toBe(2);
  });

  it('says that the journal is damaged where the export says so', async () => {
    const end = JSON.stringify({ kind: 'end', lines: 1, invoices: 0, unreadable: 1, sha256: '' });
    library = { ...library, exportJournal: () => ['{"kind":"unreadable"}', end] };
    const ran = await run(`export -d folder --output ${join(directory, 'damaged.jsonl')}`);
    expect(ran).toMatchObject({ status: 0, err: expect.stringContaining('The journal is damaged: 1 lines') as string });
    const json = await run(`export -d folder --output ${join(directory, 'damaged-2.jsonl')} --json`);
    expect(JSON.parse(json.out)).toMatchObject({ lines: 2, unreadable: 1 });
  });

  it('leaves no half of an export behind, and the same command again may succeed', async () => {
    const file = join(directory, 'half.jsonl');
    expect((await run(`export -d broken --output ${file}`)).status).not.toBe(0);
    expect(readdirSync(directory).filter((name) => name.startsWith('half'))).toEqual([]);
    expect((await run(`export -d folder --output ${file}`)).status).toBe(0);
  });

  it('says whether the journal is whole', async () => {
    expect((await run('verify -d folder')).status).toBe(0);
    const broken = await run('verify -d broken');
    expect(broken.status).toBe(1);
    expect(broken.err).toContain('counter 3: chain broken');
  });
});

describe('agent', () => {
  it('ends in order from its start on: whoever reads that it listens may end it at once', async () => {
    const said: number[] = [];
    const { status, out } = await run(`agent -d ${directory} --listen 127.0.0.1:0`, '', (length) => said.push(length));
    expect(said).toEqual([0]);
    expect(status).toBe(0);
    expect(out).toMatch(/^Listening on http[^]*Stopped\.\n$/);
  });
});

describe('--agent', () => {
  it('asks the agent that holds the till', async () => {
    const fixture = await startFixture();
    try {
      const tokenFile = join(directory, 'token');
      writeFileSync(tokenFile, TOKEN, { mode: 0o600 });
      const options = `--agent ${fixture.agent.url} --terminal till-1 --token-file ${tokenFile}`;
      expect((await run(`issue -s a ${options}`, draft)).out).toContain('00000 00012 34567 89056');
      expect((await run(`receipt a ${options}`)).out).toContain('00000 00012 34567 89056');
      expect((await run(`receipt b ${options}`)).err).toContain('No sale b');
      expect((await run(`status ${options}`)).out).toContain('till-1');
      expect((await run(`drain ${options}`)).status).toBe(0);
      expect((await run(`log ${options}`)).out).toContain('connection_refused');
      fixture.tills
        .get('till-1')!
        .answers.set('c', (saleId) => ({ result: 'limit_reached', saleId, detail: 'Drain.' }));
      const { status, out } = await run(`issue -s c --json ${options}`, draft);
      expect(status).toBe(1);
      expect(JSON.parse(out)).toEqual({ result: 'limit_reached', saleId: 'c', detail: 'Drain.' });
      const damaged = options.replace('till-1', 'damaged-3');
      expect(await run(`status ${damaged}`)).toMatchObject({
        status: 3,
        err: expect.stringContaining('damaged') as string,
      });
    } finally {
      await fixture.end();
    }
    const gone = `--agent ${fixture.agent.url} --terminal till-1 --token-file ${join(directory, 'token')}`;
    const { status, err } = await run(`status ${gone}`);
    expect(status).toBe(1);
    expect(err).toContain('cannot be reached');
  });
});

describe('agent', () => {
  it('says where it listens, makes its token, and stops when it is asked to', async () => {
    const root = mkdtempSync(join(directory, 'agent-'));
    const { status, out } = await run(`agent -d ${root} --listen 127.0.0.1:0`);
    expect(status).toBe(0);
    expect(out).toMatch(/^Listening on http:\/\/127\.0\.0\.1:\d+\. The token is in .*agent-token\.\n/);
    expect(out).toContain('No till is enrolled there yet.');
    const json = await run(`agent -d ${root} --listen 127.0.0.1:0 --json`);
    expect(JSON.parse(json.out)).toMatchObject({ tokenFile: join(root, 'agent-token'), terminals: [] });
    expect(await run(`agent -d ${root} --listen 0.0.0.0:0`)).toMatchObject({
      status: 1,
      err: expect.stringContaining('takes TLS') as string,
    });
    expect(await run(`agent -d ${join(root, 'no')} --listen 127.0.0.1:0`)).toMatchObject({ status: 2 });
  });
});
