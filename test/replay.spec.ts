import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sumOfDays } from '../tools/replay/day-totals.js';
import { readShopData } from '../tools/replay/read-shop-data.js';
import { faultsOf } from '../tools/replay/report-lines.js';
import { runReplay } from '../tools/replay/run-replay.js';
import { Things } from '../tools/screen/things.js';
import { makeThrowAwayFolder } from '../tools/screen/throw-away-folder.js';

/** The shop's real first day of December 2010, where it is at hand beside the project. */
const REAL_DAY = resolve('..', 'shared', 'data', 'online-retail', '2010-12-01.csv');

/** What real life holds, in small: two tills, a cancellation, a gift, a correction without description, quotes, half pennies. */
const SMALL_DAY = `InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
1,A,WHITE HANGING HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
1,B,"POPPY'S ""PLAYHOUSE"", SMALL ",2,2010-12-01 08:26:00,3.39,17850.0,United Kingdom
C2,D,Discount,-1,2010-12-01 09:41:00,27.5,14527.0,United Kingdom
3,C,,-40,2010-12-01 09:50:00,0.0,,United Kingdom
4,POST,POSTAGE,3,2010-12-01 10:03:00,18.0,12583.0,France
5,E,GIFT,1,2010-12-01 10:10:00,0.0,17850.0,United Kingdom
6,F,PENNY SWEET,3,2010-12-01 10:12:00,0.005,17850.0,United Kingdom
7,M,Manual,-1,2010-12-01 11:00:00,1.25,,EIRE
8,A,WHITE HANGING HEART,1,2010-12-01 11:30:00,2.55,17850.0,United Kingdom
9,A,WHITE HANGING HEART,12,2010-12-01 12:00:00,2.55,17850.0,United Kingdom
`;

const LIMIT_MS = 300_000;
const TILLS = 2;

let folder: string;
beforeAll(async () => {
  folder = await makeThrowAwayFolder('replay-spec');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Sums made from the text by a reader of its own: character by character, floats of pounds only at the very end of a line. */
function sumText(text: string): { invoices: number; refunds: number; lines: number; total: number } {
  const rows: string[][] = [[]];
  let cell = '';
  let isQuoted = false;
  for (const character of text) {
    if (character === '"') {
      // A doubled quote toggles twice: the state is right, and the text of descriptions is not summed.
      isQuoted = !isQuoted;
    } else if (!isQuoted && (character === ',' || character === '\n')) {
      rows.at(-1)!.push(cell);
      cell = '';
      if (character === '\n') rows.push([]);
    } else if (character !== '\r') cell += character;
  }
  const data = rows.slice(1).filter((row) => row.length === 8);
  const numbers = new Set(data.map((row) => row[0]!));
  const cents = data.map(
    (row) => Math.sign(Number(row[3])) * Math.round(Math.abs(Number(row[3])) * Number(row[5]) * 100),
  );
  return {
    invoices: numbers.size,
    refunds: [...numbers].filter((number) => number.startsWith('C')).length,
    lines: data.length,
    total: cents.reduce((sum, amount) => sum + amount, 0),
  };
}

it(
  'sells a shop’s day with an outage in the middle, to the penny',
  async () => {
    const hasRealDay = existsSync(REAL_DAY);
    const file = hasRealDay ? REAL_DAY : join(folder, 'small-day.csv');
    if (!hasRealDay) {
      await writeFile(file, SMALL_DAY);
      process.stderr.write(`${REAL_DAY} is not here: a small day made by this spec is replayed in its place.\n`);
    }
    const expected = sumText(await readFile(file, 'utf8'));
    const things = new Things();
    try {
      const result = await things.unlessInterrupted(
        runReplay({
          invoices: await readShopData(file),
          tills: TILLS,
          outageMs: 3_000,
          vatRate: '20',
          folder,
          things,
          onProgress: () => {},
        }),
      );
      expect(faultsOf(result)).toStrictEqual([]);
      expect(sumOfDays(result.onFile)).toMatchObject(expected);
      expect(result.codes).toStrictEqual({ given: expected.invoices, different: expected.invoices });
      // The outage took place: some sales had to wait, and all of those have their code now.
      expect(result.storedOffline).toBeGreaterThan(0);
      expect(result.issuedOnline).toBeGreaterThan(0);
      expect(result.issuedOnline + result.storedOffline).toBe(expected.invoices);
    } finally {
      expect(await things.end()).toStrictEqual([]);
    }
  },
  LIMIT_MS,
);

it('the other code sums the small day right', () => {
  expect(sumText(SMALL_DAY)).toStrictEqual({ invoices: 9, refunds: 1, lines: 10, total: 8_050 });
});
