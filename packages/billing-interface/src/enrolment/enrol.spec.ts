import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeInvitation, problem } from '@tax-control/protocol';
import { tampered } from '@tax-control/protocol/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyPair, TestAuthority } from '../testing/authority.js';
import { openSpecJournal } from '../testing/journal-fixture.js';
import { SECRET, StandInServer, TERMINAL } from '../testing/stand-in-server.js';
import { draft, invitationOf, temporaryFolder } from '../testing/till-folder.js';
import { STILL } from '../testing/till-bench.js';
import { openTill } from '../till/open-till.js';
import { enrol } from './enrol.js';

/** No busy machine lets it pass. */
const TIMEOUT_MS = 30_000;
const SIMPLE_ENROL = '/.well-known/est/simpleenroll';

let authority: TestAuthority;
let server: StandInServer;
let folder: ReturnType<typeof temporaryFolder>;
let directory: string;
beforeEach(async () => {
  authority = await TestAuthority.make();
  server = await StandInServer.start({ authority });
  folder = temporaryFolder();
  directory = join(folder.directory, 'till-1');
});
afterEach(async () => {
  await server.stop();
  folder.remove();
});

const run = (invitation = invitationOf(server, authority)) => enrol({ invitation, directory, timeoutMs: TIMEOUT_MS });
const read = (name: string) => readFileSync(join(directory, name), 'utf8');

describe('enrolling', () => {
  it('puts all that selling needs into the folder, the key for its owner alone', async () => {
    expect(await run()).toMatchObject({
      result: 'enrolled',
      terminalId: 'till-1',
      taxpayerId: 'taxpayer-1',
      premisesId: 'shop-1',
      parametersVersion: 1,
      repeated: false,
    });
    expect(statSync(join(directory, 'key.pem')).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(JSON.parse(read('terminal.json'))).toMatchObject({ terminalId: 'till-1', addresses: [server.address] });
    expect(read('terminal.json')).not.toContain(SECRET);
    const till = await openTill({ directory, software: { name: 'x', version: '1' }, pace: STILL });
    expect(await till.issue('sale 1', draft('R-1'))).toMatchObject({ result: 'issued' });
    await till.close();
  });

  it('has the key on disk before anything is sent', async () => {
    let hadKey: boolean | null = null;
    server.fault = () => {
      hadKey ??= existsSync(join(directory, 'key-next.pem'));
      return null;
    };
    await run();
    expect(hadKey).toBe(true);
  });

  it('takes the invitation as a mail program mangled it, and says when it is mistyped', async () => {
    const invitation = invitationOf(server, authority);
    const mangled = invitation.replace(/(.{40})/g, '$1\r\n  ');
    expect(await run(tampered(invitation, -1))).toMatchObject({
      result: 'refused',
      cause: 'invitation_unreadable',
    });
    expect(await run('hello')).toMatchObject({ result: 'refused', cause: 'invitation_unreadable' });
    expect(server.requests).toEqual([]);
    expect(await run(mangled)).toMatchObject({ result: 'enrolled' });
  });

  it('goes on without parameters when none were published, and the till fetches them later', async () => {
    server.fault = ({ path }) =>
      path === '/v1/parameters' ? { kind: 'answer', status: 503, body: problem('parameters_missing') } : null;
    expect(await run()).toMatchObject({ result: 'enrolled', parametersVersion: null });
    const till = await openTill({ directory, software: { name: 'x', version: '1' }, pace: STILL });
    expect(await till.issue('sale 1', draft('R-1'))).toMatchObject({
      result: 'not_permitted',
      detail: expect.stringContaining('import') as string,
    });
    server.fault = () => null;
    expect(await till.issue('sale 1', draft('R-1'))).toMatchObject({ result: 'issued', counter: 1 });
    await till.close();
  });
});

describe('the authority', () => {
  it('of an impostor is not believed, and nothing is said to it', async () => {
    const impostor = await StandInServer.start({ authority: await TestAuthority.make() });
    const { terminalId } = TERMINAL;
    const invitation = encodeInvitation({
      addresses: [impostor.address],
      caDigest: authority.digest,
      terminalId,
      secret: SECRET,
    });
    expect(await run(invitation)).toMatchObject({ result: 'refused', cause: 'tls_untrusted' });
    expect(
      impostor.requests.map(({ method, path, body, headers }) => [method, path, body, headers.authorization]),
    ).toEqual([['GET', '/.well-known/est/cacerts', '', undefined]]);
    await impostor.stop();
  });

  it('shown by an impostor who only copied it does not get the secret', async () => {
    // It shows the right authority's certificate, but its TLS certificate is its own.
    const impostor = await StandInServer.start({ authority, material: await (await TestAuthority.make()).server() });
    const { terminalId } = TERMINAL;
    const invitation = encodeInvitation({
      addresses: [impostor.address],
      caDigest: authority.digest,
      terminalId,
      secret: SECRET,
    });
    expect(await run(invitation)).toMatchObject({ cause: 'tls_untrusted' });
    expect(impostor.requests.map(({ path }) => path)).toEqual(['/.well-known/est/cacerts']);
    await impostor.stop();
  });

  it('is looked for at the next address when one does not answer', async () => {
    const gone = await StandInServer.start({ authority });
    await gone.stop();
    const { terminalId } = TERMINAL;
    const addresses = [gone.address, server.address];
    expect(
      await run(encodeInvitation({ addresses, caDigest: authority.digest, terminalId, secret: SECRET })),
    ).toMatchObject({ result: 'enrolled' });
  });
});

describe('a refusal', () => {
  it.each(['enrolment_secret_wrong', 'enrolment_secret_expired', 'enrolment_locked'] as const)(
    '%s is told with its remedy',
    async (code) => {
      server.fault = ({ path }) =>
        path === SIMPLE_ENROL ? { kind: 'answer', status: 401, body: problem(code) } : null;
      expect(await run()).toMatchObject({
        result: 'refused',
        cause: code,
        problem: { code },
        detail: problem(code).detail,
      });
    },
  );

  it('a server that is not there can be tried again', async () => {
    await server.stop();
    expect(await run()).toMatchObject({ result: 'unreachable', cause: 'connection_refused' });
  });

  it('a certificate for another key or another terminal is not taken', async () => {
    const certificate = await authority.terminal({ ...TERMINAL, terminalId: 'till-2' }, keyPair().publicKey);
    const { X509Certificates } = await import('@peculiar/x509');
    const body = new X509Certificates([certificate]).toString('base64');
    server.fault = ({ path }) => (path === SIMPLE_ENROL ? { kind: 'answer', status: 200, body } : null);
    expect(await run()).toMatchObject({ result: 'refused', cause: 'certificate_unfit' });
    expect(existsSync(join(directory, 'certificate.pem'))).toBe(false);
  });

  it('the folder of another terminal is left alone', async () => {
    await run();
    const addresses = [server.address];
    const other = encodeInvitation({ addresses, caDigest: authority.digest, terminalId: 'till-2', secret: 's' });
    expect(await run(other)).toMatchObject({ result: 'refused', cause: 'other_terminal' });
  });

  it('a folder that a till holds is left alone', async () => {
    await run();
    const till = await openTill({ directory, software: { name: 'x', version: '1' }, pace: STILL });
    expect(await run()).toMatchObject({
      result: 'refused',
      cause: 'directory_in_use',
      detail: expect.stringContaining('x 1, process') as string,
    });
    await till.close();
  });
});

describe('enrolling again with the same invitation', () => {
  const certificates = () => server.requests.filter(({ path }) => path === SIMPLE_ENROL).length;

  it('after a lost answer gets the same certificate: the same key is offered', async () => {
    server.fault = ({ path }) => (path === SIMPLE_ENROL ? { kind: 'lose' } : null);
    expect(await run()).toMatchObject({ result: 'unreachable' });
    const key = read('key-next.pem');
    server.fault = () => null;
    expect(await run()).toMatchObject({ result: 'enrolled', repeated: false });
    expect(read('key.pem')).toBe(key);
    expect(existsSync(join(directory, 'key-next.pem'))).toBe(false);
  });

  it('when all is there says so, and asks for no certificate', async () => {
    await run();
    const before = read('certificate.pem');
    expect(await run()).toMatchObject({ result: 'enrolled', repeated: true, parametersVersion: 1 });
    expect(certificates()).toBe(1);
    expect(read('certificate.pem')).toBe(before);
  });

  /** Puts the folder into the state in which a crash at a point would have left it. */
  const crashes: [string, () => void][] = [
    [
      'after the certificate was written, before the key was renamed',
      () => {
        renameSync(join(directory, 'key.pem'), join(directory, 'key-next.pem'));
        renameSync(join(directory, 'certificate.pem'), join(directory, 'certificate-next.pem'));
        rmSync(join(directory, 'terminal.json'));
      },
    ],
    [
      'between the two renames',
      () => {
        renameSync(join(directory, 'certificate.pem'), join(directory, 'certificate-next.pem'));
        rmSync(join(directory, 'terminal.json'));
      },
    ],
    ['before the record was written', () => rmSync(join(directory, 'terminal.json'))],
    ['before the parameters were fetched', () => rmSync(join(directory, 'journal.sqlite'))],
    [
      'while a file was being written',
      () => {
        writeFileSync(join(directory, 'certificate.pem.draft'), 'half');
        writeFileSync(join(directory, 'terminal.json.draft'), 'half');
      },
    ],
  ];
  it.each(crashes)('after a crash %s ends with the same key and certificate', async (_, crash) => {
    await run();
    const [key, certificate] = [read('key.pem'), read('certificate.pem')];
    crash();
    expect(await run()).toMatchObject({ result: 'enrolled', parametersVersion: 1 });
    expect([read('key.pem'), read('certificate.pem')]).toEqual([key, certificate]);
    const till = await openTill({ directory, software: { name: 'x', version: '1' }, pace: STILL });
    expect(await till.issue('sale 1', draft('R-1'))).toMatchObject({ result: 'issued' });
    await till.close();
  });

  it('a journal with sales in it stays as it is', async () => {
    await run();
    const till = await openTill({ directory, software: { name: 'x', version: '1' }, pace: STILL });
    await till.issue('sale 1', draft('R-1'));
    await till.close();
    await run();
    const journal = openSpecJournal(directory);
    expect(journal.current.lastCounter).toBe(1);
    journal.close();
  });
});

describe('opening a folder', () => {
  it('that was never enrolled says how to', async () => {
    await expect(openTill({ directory, software: { name: 'x', version: '1' } })).rejects.toMatchObject({
      code: 'not_enrolled',
      message: expect.stringContaining('tax-terminal enrol') as string,
    });
    expect(existsSync(directory)).toBe(false);
  });

  it('whose files do not fit each other says so', async () => {
    await run();
    rmSync(join(directory, 'key.pem'));
    const { makeKeyPem } = await import('./certificate-request.js');
    writeFileSync(join(directory, 'key.pem'), makeKeyPem());
    await expect(openTill({ directory, software: { name: 'x', version: '1' } })).rejects.toMatchObject({
      code: 'files_damaged',
    });
  });
});
