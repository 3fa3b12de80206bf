import { tableLines } from '../screen/table.js';
import type { DatabaseFigures } from './scenes/database-dies.js';
import type { RestartFigures } from './scenes/down-and-up.js';
import type { RestoreFigures } from './scenes/restore-moment.js';
import type { RollingFigures } from './scenes/rolling-restart.js';
import type { ServerFigures } from './scenes/server-dies.js';

/** What a run came to; every figure is measured or counted. */
export interface Figures extends ServerFigures, RollingFigures, DatabaseFigures, RestartFigures, RestoreFigures {
  readonly engine: string;
  readonly compose: string;
  readonly imageMb: number;
  /** Of the base image, which is part of it. */
  readonly baseMb: number;
  readonly buildSeconds: number;
  readonly upToReadySeconds: number;
  /** From `up` on an empty volume to the first code, all that the operator does in between included. */
  readonly upToFirstCodeSeconds: number;
  readonly sold: number;
  /** Of these: without a code at first. */
  readonly stored: number;
  /** Of these, by the tills' journals: got their code by the late door. */
  readonly reissued: number;
  /** Invariants by name; null: there was nothing to check it with. */
  readonly audit: Readonly<Record<string, boolean | null>>;
}

export function figureLines(figures: Figures): string[] {
  const rows: readonly (readonly [string, string | number])[] = [
    ['engine, compose', `${figures.engine}, ${figures.compose}`],
    ['image', `${figures.imageMb} MB, ${figures.baseMb} of them the base image`],
    ['build', `${figures.buildSeconds} s`],
    ['from up to both servers ready', `${figures.upToReadySeconds} s`],
    ['from up to the first code', `${figures.upToFirstCodeSeconds} s, five commands of the operator included`],
    ['one server killed: longest sale', `${figures.longestSaleMs} ms (others about ${figures.usualSaleMs} ms)`],
    ['  sold meanwhile / stored offline', `${figures.soldWithoutServer} / ${figures.offlineWithoutServer}`],
    ['  back and ready', `${figures.serverBackSeconds} s after its start`],
    [
      'both replaced in turn: sold / offline',
      `${figures.soldWhileRolling} / ${figures.offlineWhileRolling}, the longest ${figures.longestWhileRollingMs} ms`,
    ],
    ['database killed: offline for', `${figures.offlineSeconds} s`],
    ['  of these after its start', `${figures.onlineAgainSeconds} s`],
    [
      '  stored offline',
      `${figures.storedOffline} sales, reissued ${figures.backlogSeconds} s after the first online one`,
    ],
    ['down, and up to the next code', `${figures.upAgainSeconds} s`],
    ['first base backup', `${figures.backupSeconds} s after it was switched on`],
    ['restore to a moment', `${figures.restoreSeconds} s from the stop to both servers ready`],
    ['sales in all', `${figures.sold}, of them stored ${figures.stored}, reissued ${figures.reissued}`],
  ];
  return tableLines(rows.map(([name, value]) => [name, String(value)]));
}
