import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '@tax-control/protocol';
import { BODY_KINDS, BodyBudget, type BodyHolder, LONG_BODY_BYTES_MIN, SHORT_BODY_BYTES_MAX } from './body-budget.js';
import { sharesOf } from './body-shares.js';

const SHARES = sharesOf(4 * LIMITS.requestBytesMax);
const SOMEWHERE = '192.0.2.1';

function till(terminalId: string, address = SOMEWHERE): BodyHolder {
  return { who: 'terminal', terminalId, address };
}

function stranger(address = SOMEWHERE): BodyHolder {
  return { who: 'stranger', address };
}

function budget(): BodyBudget {
  return new BodyBudget(SHARES);
}

/** How many bodies of the same kind find room. */
function countRoom(one: BodyBudget, bytes: number, holderOf: (index: number) => BodyHolder) {
  let count = 0;
  while (count < 10_000 && one.reserve(holderOf(count), bytes) !== null) count += 1;
  return count;
}

describe('BodyBudget', () => {
  it('bounds what one terminal has in flight, wherever it sends from', () => {
    const room = countRoom(budget(), 5_900_000, (index) => till('till-1', `192.0.2.${index}`));
    expect(room).toBeLessThanOrEqual(2);
    expect(room).toBeGreaterThan(0);
  });

  it('bounds what one address has in flight, whoever sends', () => {
    const bytes = LIMITS.requestBytesMax;
    expect(countRoom(budget(), bytes, (index) => till(`till-${index}`))).toBe(1);
    const strangers = countRoom(budget(), SHORT_BODY_BYTES_MAX, () => stranger());
    expect(strangers * SHORT_BODY_BYTES_MAX).toBeLessThanOrEqual(SHARES.stranger.ofAddress);
  });

  it('bounds what all have in flight, and one kind takes no room of another', () => {
    const full = budget();
    const anybody = (index: number) => till(`till-${index}`, `198.51.100.${index}`);
    expect(countRoom(full, LIMITS.requestBytesMax, anybody)).toBeGreaterThan(0);
    countRoom(full, SHORT_BODY_BYTES_MAX, (index) => stranger(`203.0.113.${index}`));
    expect(full.reserve(till('till-new', '192.0.2.77'), LIMITS.requestBytesMax)).toBeNull();
    expect(full.reserve(till('till-new', '192.0.2.77'), SHORT_BODY_BYTES_MAX)).not.toBeNull();
    expect(full.reserve(till('till-new', '192.0.2.77'), 200_000)).not.toBeNull();
  });

  it.each(['stranger', 'visitor'] as const)('leaves room for one more address, however many a %s has', (who) => {
    const full = budget();
    for (let network = 0; network < 40; network += 1)
      countRoom(full, 1_000, () => ({ who, address: `2001:db8:0:${network}::/64` }));
    expect(full.reserve({ who, address: SOMEWHERE }, 1_000)).not.toBeNull();
    const other = who === 'stranger' ? 'visitor' : 'stranger';
    expect(full.inFlight(other)).toBe(0);
  });

  it.each([
    ['one address, behind it and elsewhere', [SOMEWHERE], [SOMEWHERE, '192.0.2.3']],
    ['two addresses, elsewhere', [SOMEWHERE, '192.0.2.2'], ['192.0.2.3']],
  ])('leaves room for one more sale where many terminals only announce: from %s', (_where, attackers, honest) => {
    const full = budget();
    for (const address of attackers)
      for (let index = 0; index < 12; index += 1)
        for (const length of [32_768, 16_384, 8_192, 4_096, 2_048, 1_024])
          countRoom(full, length, () => till(`${address}-${index}`, address));
    for (const address of honest) expect(full.reserve(till(`honest behind ${address}`, address), 4_096)).not.toBeNull();
  });

  it('counts a body that grows in the kind that it has become', () => {
    const one = budget();
    const body = one.reserve(till('till-1'), 0)!;
    expect([body.grow(SHORT_BODY_BYTES_MAX), body.kind, one.inFlight('short')]).toEqual([
      true,
      'short',
      SHORT_BODY_BYTES_MAX,
    ]);
    expect([body.grow(1), body.kind, one.inFlight('short')]).toEqual([true, 'middle', 0]);
    expect([body.grow(LONG_BODY_BYTES_MIN), body.kind, one.inFlight('middle')]).toEqual([true, 'long', 0]);
    expect(body.grow(2 * LIMITS.requestBytesMax)).toBe(false);
    expect(body.bytes).toBe(SHORT_BODY_BYTES_MAX + 1 + LONG_BODY_BYTES_MIN);
    body.release();
    body.release();
    expect([one.inFlight('long'), body.grow(1)]).toEqual([0, false]);
  });

  it('never passes a bound, and has nothing in flight once all is released', () => {
    const address = fc.constantFrom('192.0.2.1', '192.0.2.2');
    const holder: fc.Arbitrary<BodyHolder> = fc.oneof(
      fc.record({ who: fc.constantFrom('stranger' as const, 'visitor' as const), address }),
      fc.record({
        who: fc.constant('terminal' as const),
        terminalId: fc.constantFrom('till-1', 'till-2', 'till-3'),
        address,
      }),
    );
    const act = fc.record({
      holder,
      bytes: fc.integer({ min: 1, max: LIMITS.requestBytesMax }),
      more: fc.nat(700_000),
      release: fc.nat(50),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
        const one = budget();
        const open = new Set<NonNullable<ReturnType<BodyBudget['reserve']>>>();
        for (const { holder: who, bytes, more, release } of acts) {
          const body = one.reserve(who, who.who === 'terminal' ? bytes : bytes % SHORT_BODY_BYTES_MAX);
          if (body !== null) open.add(body);
          [...open][release]?.grow(more);
          const gone = [...open][release + 1];
          if (gone !== undefined) {
            gone.release();
            open.delete(gone);
          }
          for (const kind of BODY_KINDS) {
            const held = [...open].filter((reservation) => reservation.kind === kind);
            const sum = (list: typeof held): number => list.reduce((total, { bytes: own }) => total + own, 0);
            expect(one.inFlight(kind)).toBe(sum(held));
            expect(sum(held)).toBeLessThanOrEqual(SHARES[kind].total);
            for (const one of ['192.0.2.1', '192.0.2.2'])
              expect(sum(held.filter((body) => body.holder.address === one))).toBeLessThanOrEqual(
                SHARES[kind].ofAddress,
              );
            for (const one of ['till-1', 'till-2', 'till-3'])
              expect(
                sum(held.filter(({ holder: by }) => by.who === 'terminal' && by.terminalId === one)),
              ).toBeLessThanOrEqual(SHARES[kind].ofTerminal ?? 0);
          }
        }
        for (const body of open) body.release();
        expect(BODY_KINDS.map((kind) => one.inFlight(kind))).toEqual([0, 0, 0, 0, 0]);
      }),
    );
  });
});
