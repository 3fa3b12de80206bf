import { afterEach, describe, expect, it } from 'vitest';
import { TillBench } from '../testing/till-bench.js';
import { draft } from '../testing/till-folder.js';

let bench: TillBench;
afterEach(() => bench.end());

describe('an enrolled till', () => {
  it('gets a code online and gives the same answer when it is asked again', async () => {
    bench = await TillBench.set();
    const till = await bench.openTill();
    const first = await till.issue('sale-1', draft('R-1'));
    expect(first).toMatchObject({ result: 'issued', saleId: 'sale-1', counter: 1 });
    expect(await till.issue('sale-1', draft('R-1'))).toEqual(first);
    expect(till.lookUp('sale-1')).toEqual(first);
    expect(bench.server.office.arrivals).toHaveLength(1);
  });
});
