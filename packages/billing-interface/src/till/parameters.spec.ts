import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestAuthority } from '../testing/authority.js';
import { StandInOffice } from '../testing/stand-in-office.js';
import { TillBench } from '../testing/till-bench.js';
import { draft } from '../testing/till-folder.js';

let bench: TillBench;
beforeEach(async () => {
  bench = await TillBench.set();
});
afterEach(() => bench.end());

const versions = () => bench.server.requests.filter(({ path }) => path === '/v1/parameters');

describe('parameters', () => {
  it('are fetched by themselves, and asked for by their ETag afterwards', async () => {
    bench.server.office.publish({ threshold: 7 });
    const till = await bench.openTill({ pace: { drainMs: 5, idleMs: 5, parametersMs: -1 } });
    while (versions().length < 3) await new Promise((resolve) => setImmediate(resolve));
    expect(till.status().parametersVersion).toBe(2);
    expect(
      versions()
        .slice(0, 3)
        .map(({ headers }) => headers['if-none-match']),
    ).toEqual(['W/"1"', 'W/"2"', 'W/"2"']);
    expect(till.feed(0).filter(({ kind }) => kind === 'parameters')).toHaveLength(2);
  });

  it('are taken from a file, when they are newer and signed by this server', async () => {
    const { office } = bench.server;
    const old = office.signedParameters().jws;
    office.publish({ threshold: 7 });
    const till = await bench.openTill();
    expect(till.importParameters(`${office.signedParameters().jws}\n`)).toMatchObject({ result: 'taken' });
    expect(till.importParameters(office.signedParameters().jws)).toMatchObject({ result: 'not_newer' });
    expect(till.importParameters(old)).toMatchObject({ result: 'not_newer' });
    expect(till.status().parametersVersion).toBe(2);
    await till.close();
    expect((await bench.openTill()).status().parametersVersion).toBe(2);
  });

  it('of somebody else are refused, with what to do', async () => {
    const stranger = await StandInOffice.open(await TestAuthority.make(), ['https://127.0.0.1']);
    stranger.publish({ threshold: 7 });
    const till = await bench.openTill();
    for (const jws of [stranger.signedParameters().jws, 'nonsense', ''])
      expect(till.importParameters(jws)).toMatchObject({
        result: 'refused',
        detail: expect.stringContaining('Ask the operator') as string,
      });
    expect(till.status().parametersVersion).toBe(1);
  });

  it('of another environment are refused', async () => {
    const till = await bench.openTill();
    bench.server.office.publish({ environment: 'production' });
    expect(till.importParameters(bench.server.office.signedParameters().jws)).toMatchObject({ result: 'refused' });
  });

  it('change what sales are held to while the till is offline', async () => {
    const till = await bench.openTill();
    bench.server.fault = () => ({ kind: 'reset' });
    await till.issue('sale 1', draft('R-1'));
    const { office } = bench.server;
    office.publish({ offlineLimits: { ...office.parameters.offlineLimits, invoicesMax: 1, atLimit: 'stop' } });
    till.importParameters(office.signedParameters().jws);
    expect(await till.issue('sale 2', draft('R-2'))).toMatchObject({ result: 'limit_reached' });
  });

  it.each(['not an address', 'http://127.0.0.1:1', 'tills.example:8443', 'https://['])(
    'with the mistyped address %s cut no till off: those of the invitation are tried behind it',
    async (address) => {
      const { office } = bench.server;
      const till = await bench.openTill();
      office.publish({ addresses: [address] });
      expect(till.importParameters(office.signedParameters().jws)).toMatchObject({ result: 'taken' });
      expect(await till.issue('sale 1', draft('R-1'))).toMatchObject({ result: 'issued' });
    },
  );
});
