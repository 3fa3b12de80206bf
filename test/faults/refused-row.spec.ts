import { beforeEach, describe, expect, it } from 'vitest';
import { contentOf, type Office, openOffice, type Till } from '../issuance/office.js';

let office: Office;
let till: Till;

beforeEach(async () => {
  office = await openOffice();
  till = await office.till();
  return () => office.close();
});

/** Makes the database refuse invoices with this number, and count how often it did. */
async function refuse(number: string, table: 'ledger' | 'invoice_warning', sqlState: string): Promise<void> {
  await office.ground.superuser.query(`
    CREATE SEQUENCE refusals;
    GRANT USAGE ON SEQUENCE refusals TO tax_control_server;
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF ${table === 'ledger' ? `NEW.number = '${number}'` : `NEW.warning = '${number}'`} THEN
        PERFORM nextval('refusals');
        RAISE EXCEPTION 'refused by the test' USING ERRCODE = '${sqlState}';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse()`);
}

async function refusals(): Promise<number> {
  const { rows } = await office.ground.superuser.query<{ last_value: string; is_called: boolean }>(
    'SELECT * FROM refusals',
  );
  return rows[0]!.is_called ? Number(rows[0]!.last_value) : 0;
}

describe('a row that the database refuses', () => {
  // A broken constraint, a trigger's own error, and an error inside the server.
  it.each(['23514', 'P0001', 'XX000'])('is deferred, and its neighbours are issued (SQLSTATE %s)', async (sqlState) => {
    await refuse('bad', 'ledger', sqlState);
    const list = [await till.sale(), await till.sale({ number: 'bad' }), await till.sale()];
    const outcomes = await office.issuance.issue(list);
    expect(outcomes.map(({ result }) => result.result)).toEqual(['issued', 'deferred', 'issued']);
    expect(outcomes[1]!.result).toMatchObject({ problem: { code: 'row_refused', retry: 'later' } });
    expect(outcomes[2]!.lastCounter).toBe(3);
    // Once with its neighbours, once alone.
    expect(await refusals()).toBe(2);
    expect(office.logLines.join()).toContain('an invoice could not be stored');
    await office.ground.superuser.query('DROP TRIGGER refuse ON ledger');
    const again = await office.issuance.issue(list);
    expect(again.map(({ result }) => result.result)).toEqual(['already_issued', 'issued', 'already_issued']);
  });

  it('takes nothing of its invoice along: no ledger row without content and warnings', async () => {
    await refuse('negative_sale', 'invoice_warning', '23514');
    const [line] = contentOf(await till.sale()).lines;
    const negative = await till.sale({
      lines: [{ ...line!, quantity: '-1', amount: -255 }],
      taxes: [{ category: 'standard', rate: '20', base: -212, amount: -43 }],
      total: -255,
      payments: [{ method: 'cash', amount: -255 }],
    });
    const [outcome] = await office.issuance.issue([negative]);
    expect(outcome!.result).toMatchObject({ result: 'deferred', problem: { code: 'row_refused' } });
    expect(await refusals()).toBe(1);
    const { rows } = await office.ground.superuser.query(
      'SELECT (SELECT count(*)::integer FROM ledger) AS ledger, (SELECT count(*)::integer FROM content) AS content',
    );
    expect(rows).toEqual([{ ledger: 0, content: 0 }]);
  });
});
