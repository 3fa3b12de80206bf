import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readJournals } from '../demo/journals.js';
import type { Narrator } from '../demo/narrator.js';
import { SalesBook } from '../demo/sales-book.js';
import { exportJournals } from '../fleet/export-journals.js';
import type { Things } from '../screen/things.js';
import { OWNER_ONLY } from '../screen/throw-away-folder.js';
import { copyAsClone } from './clone.js';
import type { Engine } from './engine.js';
import type { Figures } from './figures.js';
import { BASE_IMAGE, IMAGE, Installation } from './installation.js';
import { auditInside } from './scenes/audit-inside.js';
import { databaseDies } from './scenes/database-dies.js';
import { downAndUp } from './scenes/down-and-up.js';
import { lookAround } from './scenes/look-around.js';
import { openShop } from './scenes/open-shop.js';
import { restoreMoment } from './scenes/restore-moment.js';
import { rollingRestart } from './scenes/rolling-restart.js';
import { serverDies } from './scenes/server-dies.js';
import { secondsSince, type Stage } from './stage.js';

/**
 * An installation in containers from its first day to its end. What was started is put into `things`, to be ended by the caller
 * however this ends.
 * @param folder empty, and deleted by the caller
 */
export async function play(engine: Engine, folder: string, narrator: Narrator, things: Things): Promise<Figures> {
  narrator.step('A clean clone, and one command');
  const clone = join(folder, 'clone');
  await copyAsClone(clone);
  const installation = await Installation.prepare(engine, clone, nameOf(folder), things.signal);
  narrator.say('docker/prepare wrote .env and docker/secrets; the ports were set to some that are free here.');
  const again = await Installation.prepare(engine, clone, 'another', things.signal).catch((error: unknown) => error);
  narrator.check(
    again instanceof Error && again.message.includes('nothing was changed'),
    'A second time it changes nothing.',
  );

  narrator.step('The image is built');
  const buildSeconds = await secondsOf(() => installation.build());
  const imageMb = await megabytesOf(installation, IMAGE);
  const baseMb = await megabytesOf(installation, BASE_IMAGE);
  narrator.say(`${imageMb} MB, ${baseMb} of them are ${BASE_IMAGE}; it took ${buildSeconds} s.`);

  const stage: Stage = { installation, narrator, book: new SalesBook(things.signal), signal: things.signal };
  const tills = join(folder, 'tills');
  await mkdir(tills, { mode: OWNER_ONLY });
  things.add(() => installation.takeDown());
  const opening = await openShop(stage, tills);
  const { till } = opening;
  things.add(() => till.billing.close());
  await lookAround(stage, opening);
  const server = await serverDies(stage, till);
  const rolling = await rollingRestart(stage, till);
  const database = await databaseDies(stage, till);
  const restart = await downAndUp(stage, till);

  await till.billing.close();
  const exports = await exportJournals([till.directory], tills);
  const audit = await auditInside(stage, exports);
  const { journals } = await readJournals(exports);
  const reissued = journals.filter(({ door }) => door === 'reissue').length;
  const stored = stage.book.answers.filter(({ result }) => result === 'stored_offline').length;
  narrator.check(
    reissued === stored,
    `${stored} sales were stored offline; the till's journal says of ${reissued} that they were reissued.`,
  );

  const sold = stage.book.answers.length;
  const restore = await restoreMoment(stage, till);

  narrator.step('Everything is taken down');
  await installation.takeDown();
  const left = await installation.leftovers();
  narrator.check(
    left.length === 0,
    `No container, volume or network is left${left.length > 0 ? `: ${left.join(', ')}` : ''}.`,
  );
  return {
    engine: engine.engineVersion,
    compose: engine.composeVersion,
    imageMb,
    baseMb,
    buildSeconds,
    upToReadySeconds: opening.upToReadySeconds,
    upToFirstCodeSeconds: opening.upToFirstCodeSeconds,
    ...server,
    ...rolling,
    ...database,
    ...restart,
    ...restore,
    stored,
    reissued,
    sold,
    audit,
  };
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return secondsSince(began);
}

const BYTES_PER_MEGABYTE = 1_000_000;

async function megabytesOf(installation: Installation, image: string): Promise<number> {
  const bytes = await installation.docker(['image', 'inspect', '--format', '{{.Size}}', image]);
  return Math.round(Number(bytes) / BYTES_PER_MEGABYTE);
}

/** Names of compose projects are of small letters, digits, - and _. */
function nameOf(folder: string): string {
  return `tax-control-${folder
    .slice(-6)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '0')}`;
}
