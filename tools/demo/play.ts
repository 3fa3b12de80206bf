import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJournals } from '../fleet/export-journals.js';
import { readThreshold } from '../fleet/register-shop.js';
import { type LocalInstallation, startLocal } from '../local/start-local.js';
import { countOutcomes, type OutcomeCounts } from './count-outcomes.js';
import { readJournals } from './journals.js';
import { LedgerView } from './ledger-view.js';
import { type Line, startLine } from './line.js';
import type { Narrator } from './narrator.js';
import { type DemoTill, SalesBook } from './sales-book.js';
import { askTwice } from './scenes/ask-twice.js';
import { audit, type Verdicts } from './scenes/audit.js';
import { killServer } from './scenes/kill-server.js';
import { loseAnswer } from './scenes/lose-answer.js';
import { enrolTills, registerShops } from './scenes/open-shops.js';
import { refundOfflineSale } from './scenes/refund-offline.js';
import { sellOnline } from './scenes/sell-online.js';
import { serverReturns } from './scenes/server-returns.js';
import { suspendTill } from './scenes/suspend-till.js';
import type { Stage } from './stage.js';
import { OWNER_ONLY } from '../screen/throw-away-folder.js';
import type { Things } from '../screen/things.js';

/** What the demo came to; every figure is counted. */
export interface DemoResult extends OutcomeCounts {
  readonly threshold: number;
  readonly largestReissue: number;
  readonly audit: Verdicts;
}

const TILLS_FOLDER = 'tills';
/** How long a sale waits for its code, unless parameters say otherwise. */
const DEADLINE_MS = 1_500;

/**
 * The main job from one end to the other. What was started is put into `things`, to be ended by the caller however this ends.
 * @param folder empty, and deleted by the caller
 */
export async function play(
  folder: string,
  narrator: Narrator,
  things: Things,
): Promise<{ readonly result: DemoResult; readonly local: LocalInstallation }> {
  const local = await startEverything(folder, narrator, things);
  const line = await startLine({ host: '127.0.0.1', port: Number(new URL(local.addresses.terminals).port) });
  things.add(() => line.close());
  const tills = await openShops(folder, local, line, narrator, things);
  const ledger = await LedgerView.open(local.databaseUrls.auditor);
  things.add(() => ledger.close());
  const threshold = await readThreshold(local);
  const stage: Stage = {
    local,
    line,
    narrator,
    tills,
    ledger,
    book: new SalesBook(things.signal),
    threshold,
    deadlineMs: DEADLINE_MS,
    signal: things.signal,
  };

  await sellOnline(stage);
  const outage = await killServer(stage);
  await serverReturns(stage, outage);
  await loseAnswer(stage);
  await askTwice(stage);
  await refundOfflineSale(stage);
  await suspendTill(stage);

  for (const till of tills) await till.billing.close();
  const exports = await exportJournals(
    tills.map((till) => till.directory),
    join(folder, TILLS_FOLDER),
  );
  const verdicts = await audit(stage, exports);
  const journals = await readJournals(exports);
  const counts = countOutcomes({ answers: stage.book.answers, onFile: await ledger.identities(), ...journals });
  const result = { ...counts, threshold, largestReissue: await ledger.largestReissue(), audit: verdicts };
  return { result, local };
}

async function startEverything(folder: string, narrator: Narrator, things: Things): Promise<LocalInstallation> {
  narrator.step('Everything starts, from nothing');
  narrator.say(
    'A database, keys and certificates, tables, and the server: the same as in production, in a throw-away folder.',
  );
  const local = await startLocal({
    directory: join(folder, 'server'),
    signal: things.signal,
    report: (step) => narrator.lines(narrator.paint('dim', `  ${step} …`)),
  });
  things.add(() => local.stop());
  void local.broken.then((what) => things.fail(what));
  const control: LocalInstallation['control'] = (...commandLine) => {
    things.signal.throwIfAborted();
    return local.control(...commandLine);
  };
  return { ...local, control };
}

async function openShops(
  folder: string,
  local: LocalInstallation,
  line: Line,
  narrator: Narrator,
  things: Things,
): Promise<readonly DemoTill[]> {
  const tillsFolder = join(folder, TILLS_FOLDER);
  await mkdir(tillsFolder, { mode: OWNER_ONLY });
  const invitations = await registerShops(local, line, narrator);
  const tills = await enrolTills(invitations, tillsFolder, narrator);
  things.add(async () => {
    for (const till of tills) await till.billing.close();
  });
  return tills;
}
