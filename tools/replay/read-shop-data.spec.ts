import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readShopData, ShopDataError } from './read-shop-data.js';

const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replay-spec-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileOf(...lines: string[]): Promise<string> {
  const file = join(folder, 'day.csv');
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

describe('readShopData', () => {
  it('groups the rows of an invoice and takes text as it stands', async () => {
    const file = await fileOf(
      HEADER,
      '1,A,"SAYS ""HELLO"", TWICE ",2,2010-12-01 08:26:00,2.55,17850.0,United Kingdom',
      '2,B,,1,2010-12-01 08:27:00,0.0,,EIRE',
      '1,M,  odd   spacing,-3,2010-12-01 08:28:00,0.001,17850.0,United Kingdom',
    );
    expect(await readShopData(file)).toStrictEqual([
      {
        saleId: 'day/1',
        number: '1',
        localTime: '2010-12-01 08:26:00',
        customerId: '17850',
        country: 'United Kingdom',
        rows: [
          { stockCode: 'A', description: 'SAYS "HELLO", TWICE ', quantity: 2, unitPricePence: '255' },
          { stockCode: 'M', description: '  odd   spacing', quantity: -3, unitPricePence: '0.1' },
        ],
      },
      {
        saleId: 'day/2',
        number: '2',
        localTime: '2010-12-01 08:27:00',
        customerId: '',
        country: 'EIRE',
        rows: [{ stockCode: 'B', description: '', quantity: 1, unitPricePence: '0' }],
      },
    ]);
  });

  it.each([
    ['a missing column', ['InvoiceNo,StockCode'], 'lacks the column Description'],
    ['a quantity that is none', [HEADER, '1,A,x,two,2010-12-01 08:26:00,1.0,,UK'], 'line 2: Quantity'],
    ['a price that is none', [HEADER, '1,A,x,2,2010-12-01 08:26:00,free,,UK'], 'line 2: UnitPrice'],
    ['a time that is none', [HEADER, '1,A,x,2,yesterday,1.0,,UK'], 'line 2: InvoiceDate'],
    ['a row without number', [HEADER, ',A,x,2,2010-12-01 08:26:00,1.0,,UK'], 'line 2: the row names no InvoiceNo'],
    ['a short row', [HEADER, '1,A,x'], 'cannot be read as CSV'],
  ])('names place and remedy for %s', async (_, lines, message) => {
    const reading = readShopData(await fileOf(...lines));
    await expect(reading).rejects.toThrow(ShopDataError);
    await expect(reading).rejects.toThrow(message);
  });
});

it.each([
  ['is not there', 'nowhere.csv', /nowhere\.csv cannot be read as CSV: ENOENT/],
  ['is a folder', '.', /cannot be read as CSV: EISDIR/],
])('says so of a file that %s', async (_, name, told) => {
  await expect(readShopData(join(folder, name))).rejects.toThrow(told);
});

it('takes no file without rows for a shop without sales', async () => {
  await expect(readShopData(await fileOf(HEADER))).rejects.toThrow(/has no rows/);
});
