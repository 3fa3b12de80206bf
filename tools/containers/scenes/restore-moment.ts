import { setTimeout as wait } from 'node:timers/promises';
import { openTill } from '@tax-control/billing-interface';
import type { DemoTill } from '../../demo/sales-book.js';
import { ask } from '../ask.js';
import { SERVERS } from '../installation.js';
import { secondsSince, type Stage, waitFor, waitUntilReady } from '../stage.js';

/** A base backup of a small database takes seconds. */
const BACKUP_LIMIT_MS = 120_000;
/** A busy till: the next customer is there at once. */
const BETWEEN_SALES_MS = 500;
const ONLINE_LIMIT_MS = 120_000;
/** Sequence numbers between the last code before and the first after a restore (docs/decisions/0025). */
const JUMP_MIN = 100_000_000n;
const SEQUENCE_DIGITS = 12;
const OK = 200;

export interface RestoreFigures {
  /** From the profile's start to the first base backup. */
  readonly backupSeconds: number;
  /** From the stop of the servers to both ready again. */
  readonly restoreSeconds: number;
}

/**
 * Backups are switched on, a till sells, and the database goes back to the moment between two of its sales, by the handbook's
 * commands. To be played when the audit is over: the till keeps a receipt that the database has forgotten.
 */
export async function restoreMoment(stage: Stage, closed: DemoTill): Promise<RestoreFigures> {
  const { installation, narrator, signal } = stage;
  const software = { name: 'containers', version: '1' };
  const till = { ...closed, billing: await openTill({ directory: closed.directory, software }) };
  try {
    narrator.step('Backups are switched on');
    const switchedOn = performance.now();
    await installation.compose(['--profile', 'backups', 'up', '--detach', '--no-deps', 'backup']);
    let backup = '';
    await waitFor('there is a base backup', BACKUP_LIMIT_MS, signal, async () => {
      [backup = ''] = await baseBackups(stage);
      return backup !== '';
    });
    const backupSeconds = secondsSince(switchedOn);
    narrator.say(`The base backup ${backup} is there after ${backupSeconds} s.`);

    const kept = await codeOf(stage, till);
    let moment = '';
    await waitFor('the next second has begun', BACKUP_LIMIT_MS, signal, async () => {
      moment = await databaseTime(stage);
      return moment.slice(0, 'YYYY-MM-DD HH:MM:SS'.length).replace(' ', 'T').replaceAll(':', '-') > backup;
    });
    const lost = await codeOf(stage, till);

    narrator.step(`The database goes back to ${moment}`);
    const stopped = performance.now();
    await installation.compose(['stop', ...SERVERS]);
    const early = await installation.compose(['run', '--rm', '-T', 'restore', moment]).catch((error: unknown) => error);
    narrator.check(
      early instanceof Error && early.message.includes('The database runs'),
      'While the database runs nothing is restored.',
    );
    await installation.compose(['stop', 'database']);
    await installation.compose(['run', '--rm', '-T', 'restore', moment]);
    await installation.up();
    await Promise.all(SERVERS.map((server) => waitUntilReady(stage, server)));
    const restoreSeconds = secondsSince(stopped);

    narrator.check(
      (await isOnFile(stage, kept)) && !(await isOnFile(stage, lost)),
      'The sale before that moment is on file, the one after it is not.',
    );
    const next = await nextCode(stage, till);
    narrator.check(
      sequenceOf(next) >= sequenceOf(lost) + JUMP_MIN,
      `The till sells on, ${restoreSeconds} s after the stop: ${lost} was the last code before, ${next} is the next.`,
    );
    await installation.compose(['exec', '-T', 'backup', '/backups/base-backup']);
    narrator.check((await baseBackups(stage)).length > 1, 'A base backup of the restored database is there.');
    return { backupSeconds, restoreSeconds };
  } finally {
    await till.billing.close();
  }
}

/** Names of the base backups, the newest first; none while the container is not up. */
async function baseBackups({ installation }: Stage): Promise<string[]> {
  const list = await installation.compose(['exec', '-T', 'backup', 'ls', '/archive/base']).catch(() => '');
  return list
    .split('\n')
    .filter((name) => name.endsWith('Z'))
    .toReversed();
}

async function databaseTime({ installation }: Stage): Promise<string> {
  const query = ['--tuples-only', '--no-align', '--command', 'SET timezone TO 0', '--command', 'SELECT now()'];
  const answer = await installation.compose([
    'exec',
    '-T',
    'database',
    'psql',
    '--username=postgres',
    '--quiet',
    ...query,
  ]);
  return answer.trim();
}

async function codeOf({ book }: Stage, till: DemoTill): Promise<string> {
  const { result } = await book.sell(till);
  if (result.result !== 'issued') throw new Error(`A sale got no code (${result.result}).`);
  return result.code;
}

/** The till tries the line again when its probe is due, at most half a minute later; until then its sales wait. */
async function nextCode({ book, signal }: Stage, till: DemoTill): Promise<string> {
  for (const end = performance.now() + ONLINE_LIMIT_MS; performance.now() < end;) {
    const { result } = await book.sell(till);
    if (result.result === 'issued') return result.code;
    await wait(BETWEEN_SALES_MS, undefined, { signal });
  }
  throw new Error('Sales got no code again after the restore.');
}

async function isOnFile({ installation }: Stage, code: string): Promise<boolean> {
  const read = ['exec', '-T', 'server-1', 'cat', '/keys/ring/public-listener/certificate.pem'];
  const authority = await installation.compose(read);
  const { status, body } = await ask(`${installation.publicAddress('server-1')}/v1/verifications/${code}`, authority);
  return status === OK && (JSON.parse(body) as { readonly onFile?: boolean }).onFile === true;
}

function sequenceOf(code: string): bigint {
  return BigInt(code.slice(0, SEQUENCE_DIGITS));
}
