import { type InvoiceResult, LIMITS, type ProblemCode } from '@tax-control/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { receiptOf, type Till } from '../issuance/office.js';
import {
  aProblem,
  type BadInputGround,
  Counter,
  nextText,
  NOTHING_STORED,
  outcomeOf,
  signBytes,
  startBadInputGround,
} from './ground.js';

const THRESHOLD = 12;

let ground: BadInputGround;
let till: Till;
let counter: Counter;
beforeAll(async () => {
  ground = await startBadInputGround({ threshold: THRESHOLD });
  till = await ground.newTill();
  counter = new Counter(ground.server, till);
});
afterAll(async () => {
  counter.close();
  await ground.stop();
});

/** `issued`, or `refused payload_not_json`. */
function said(result: InvoiceResult): string {
  return 'problem' in result ? `${result.result} ${result.problem.code}` : result.result;
}

describe('a list that is refused whole', () => {
  const jws = (): string => till.sign().jws;

  it.each<[string, () => unknown, ProblemCode, object]>([
    ['is empty', () => [], 'batch_empty', {}],
    [
      'has one more than the threshold',
      () => Array.from({ length: THRESHOLD + 1 }, jws),
      'over_threshold',
      { allowed: THRESHOLD },
    ],
    [
      'has far more than any threshold',
      () => Array.from({ length: LIMITS.thresholdMax + 1 }, () => 'x'),
      'over_threshold',
      { allowed: THRESHOLD },
    ],
    ['is none', () => jws(), 'invalid_request', {}],
    ['is missing', () => undefined, 'invalid_request', {}],
    ['is null', () => null, 'invalid_request', {}],
    ['is an object with a length', () => ({ length: 1, 0: jws() }), 'invalid_request', {}],
    ['has a number in it', () => [jws(), 1], 'invalid_request', {}],
    ['has a null in it', () => [null], 'invalid_request', {}],
    ['has a list in it', () => [[jws()]], 'invalid_request', {}],
  ])('because it %s, leaves nothing behind', async (_what, list, code, facts) => {
    expect(await outcomeOf(ground, counter, () => counter.reissue(list()))).toEqual({
      status: 400,
      problem: aProblem(code, { retry: 'never', ...facts }),
      pointer: code === 'invalid_request' ? '/invoices' : undefined,
      stored: NOTHING_STORED,
      next: 'issued',
      isSameConnection: true,
    });
  });
});

describe('a list with bad ones among good ones', () => {
  it('has a result for each, in order, whatever is wrong with whom', async () => {
    const stranger = await ground.newTill();
    const first = till.sign();
    const list: [string, string][] = [
      ['issued', first.jws],
      ['refused jws_malformed', 'no JWS'],
      ['issued', till.sign().jws],
      ['refused wrong_terminal', stranger.sign().jws],
      ['refused signature_invalid', `${till.sign().jws.slice(0, -86)}${'A'.repeat(86)}`],
      ['refused payload_not_json', signBytes(till, '{')],
      ['refused payload_duplicate_key', signBytes(till, nextText(till).replace('"total":', '"total":1,"total":'))],
      ['refused schema_violation', signBytes(till, nextText(till).replace('{', '{"more":1,'))],
      ['refused total_arithmetic', till.sign({ total: 1 }).jws],
      ['already_issued', first.jws],
      ['refused identity_conflict', till.sign({ id: first.invoice.id, number: 'another' }).jws],
      ['issued', till.sign().jws],
    ];
    const { answer, stored } = await ground.storing(() => counter.reissue(list.map(([, jws]) => jws)));
    expect(answer.status).toBe(200);
    expect(answer.json().results.map(said)).toEqual(list.map(([expected]) => expected));
    expect(stored).toEqual({ ...NOTHING_STORED, ledger: 3, content: 3, refused: 8 });
    const again = await ground.storing(() => counter.reissue(list.map(([, jws]) => jws)));
    expect(again.answer.json().results.map(said)).toEqual(
      list.map(([expected]) => expected.replace(/^issued/, 'already_issued')),
    );
    expect(again.stored).toEqual(NOTHING_STORED);
  });

  it('of nothing but bad ones is answered like any other', async () => {
    const list = Array.from({ length: THRESHOLD }, (_, index) => `bad ${index}`);
    const { answer, stored } = await ground.storing(() => counter.reissue(list));
    expect(answer.json().results.map(said)).toEqual(list.map(() => 'refused jws_malformed'));
    expect(stored).toEqual({ ...NOTHING_STORED, refused: THRESHOLD });
    expect(await counter.sell()).toBe('issued');
  });
});

describe('the same invoice', () => {
  it('many times in one list has one code', async () => {
    const { jws } = till.sign();
    const { answer, stored } = await ground.storing(() =>
      counter.reissue(Array.from({ length: THRESHOLD }, () => jws)),
    );
    const { results } = answer.json();
    expect(results.map(said)).toEqual(['issued', ...Array<string>(THRESHOLD - 1).fill('already_issued')]);
    expect(new Set(results.map((result) => receiptOf(result).code)).size).toBe(1);
    expect(stored).toEqual({ ...NOTHING_STORED, ledger: 1, content: 1 });
  });

  it('at both doors at once, in lists of opposite orders, from several connections, has one code', async () => {
    const busy = await ground.newTill();
    const list = Array.from({ length: THRESHOLD }, () => busy.sign().jws);
    const counters = Array.from({ length: 6 }, () => new Counter(ground.server, busy));
    const { answer, stored } = await ground.storing(() =>
      Promise.all(
        counters.map(async (one, index) => {
          if (index % 3 === 0) return (await one.reissue(list)).json().results;
          if (index % 3 === 1) return (await one.reissue(list.toReversed())).json().results.toReversed();
          const results: InvoiceResult[] = [];
          for (const jws of list) results.push((await one.issue(jws)).json());
          return results;
        }),
      ),
    );
    for (const one of counters) one.close();
    for (const [index] of list.entries()) {
      const results = answer.map((results) => results[index]!);
      expect(results.map(said).toSorted()).toEqual([...Array<string>(5).fill('already_issued'), 'issued']);
      expect(new Set(results.map((result) => receiptOf(result).code)).size).toBe(1);
    }
    expect(stored).toEqual({ ...NOTHING_STORED, ledger: THRESHOLD, content: THRESHOLD });
  });
});

describe('a row that the database refuses', () => {
  beforeAll(() =>
    ground.ground.superuser.query(`
      CREATE SEQUENCE refusals;
      GRANT USAGE ON SEQUENCE refusals TO tax_control_server;
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.number = 'refuse me' THEN
          PERFORM nextval('refusals');
          RAISE EXCEPTION 'refused by the test' USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION refuse()`),
  );
  beforeEach(() => ground.ground.superuser.query('ALTER SEQUENCE refusals RESTART'));

  async function wasRefused(): Promise<boolean | undefined> {
    const { rows } = await ground.ground.superuser.query<{ fired: boolean }>('SELECT is_called AS fired FROM refusals');
    return rows[0]?.fired;
  }

  it('is deferred in a list, and its neighbours are issued', async () => {
    const list = [till.sign(), till.sign({ number: 'refuse me' }), till.sign()].map(({ jws }) => jws);
    const { answer, stored } = await ground.storing(() => counter.reissue(list));
    expect(answer.json().results.map(said)).toEqual(['issued', 'deferred row_refused', 'issued']);
    expect(stored).toEqual({ ...NOTHING_STORED, ledger: 2, content: 2 });
    expect(await wasRefused()).toBe(true);
  });

  it('is told to the till that sent it online, and to none that sold at the same moment', async () => {
    const tills = await Promise.all(Array.from({ length: 8 }, () => ground.newTill()));
    const counters = tills.map((one) => new Counter(ground.server, one));
    const { answer, stored } = await ground.storing(() =>
      Promise.all(
        counters.map((one, index) => one.issue(one.till.sign(index === 3 ? { number: 'refuse me' } : {}).jws)),
      ),
    );
    for (const one of counters) one.close();
    const refused = answer.splice(3, 1)[0]!;
    expect([refused.status, refused.json()]).toEqual([503, aProblem('row_refused', { retry: 'later' })]);
    expect(answer.map((one) => one.json().result)).toEqual(Array(7).fill('issued'));
    expect(stored).toEqual({ ...NOTHING_STORED, ledger: 7, content: 7 });
    expect(await wasRefused()).toBe(true);
  });
});
