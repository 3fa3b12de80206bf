import { Client } from 'pg';
import { type Certified, certify, readAuthority } from '../fleet/certify.js';
import type { LocalInstallation } from '../local/start-local.js';
import { DAY_MS } from './calendar.js';
import type { PlannedTill } from './fleet-plan.js';

const YEAR_MS = 365 * DAY_MS;

const SIMULATED_TIME = `
CREATE OR REPLACE FUNCTION simulated_time() RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT coalesce((SELECT registered_at FROM ledger ORDER BY sequence DESC LIMIT 1), now()) $$`;

/** Registers what the simulation needs, straight in the database: by the operators' command hundreds of tills take minutes. */
export class Registrar {
  #closed: Promise<void> | undefined;

  private constructor(
    private readonly client: Client,
    private readonly keysDirectory: string,
  ) {}

  static async open({ databaseUrls, paths }: LocalInstallation): Promise<Registrar> {
    const client = new Client({ connectionString: databaseUrls.superuser });
    // Stopping Postgres cuts it; whoever asks next sees that.
    client.on('error', () => undefined);
    await client.connect();
    return new Registrar(client, paths.keys);
  }

  async hasTerminals(): Promise<boolean> {
    const { rows } = await this.client.query('SELECT FROM terminal LIMIT 1');
    return rows.length > 0;
  }

  /** Shops and terminals, as if they had been registered at a time. */
  async registerFleet(tills: readonly PlannedTill[], registeredAt: Date): Promise<void> {
    const places = [...new Map(tills.map(({ premises }) => [premises.premisesId, premises])).values()];
    const owners = [...new Map(places.map((place) => [place.taxpayerId, place])).values()];
    await this.client.query('BEGIN');
    await this.client.query(
      'INSERT INTO taxpayer (taxpayer_id, name, created_at) SELECT *, $3 FROM unnest($1::text[], $2::text[])',
      [owners.map(({ taxpayerId }) => taxpayerId), owners.map(({ taxpayerName }) => taxpayerName), registeredAt],
    );
    await this.client.query(
      `INSERT INTO premises (premises_id, taxpayer_id, name, region, activity, address, created_at)
       SELECT *, $7 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])`,
      [
        places.map(({ premisesId }) => premisesId),
        places.map(({ taxpayerId }) => taxpayerId),
        places.map(({ name }) => name),
        places.map(({ region }) => region),
        places.map(({ activity }) => activity),
        places.map(({ address }) => address),
        registeredAt,
      ],
    );
    await this.client.query(
      `INSERT INTO terminal (terminal_id, premises_id, taxpayer_id, status_changed_at, registered_at)
       SELECT *, $4, $4 FROM unnest($1::text[], $2::text[], $3::text[])`,
      [
        tills.map(({ terminalId }) => terminalId),
        tills.map(({ premises }) => premises.premisesId),
        tills.map(({ premises }) => premises.taxpayerId),
        registeredAt,
      ],
    );
    await this.client.query('COMMIT');
  }

  /** A key and certificate for a till. @param notAfterMs a year after it began, unless given */
  async certify(
    till: PlannedTill,
    notBeforeMs: number,
    notAfterMs: number = notBeforeMs + YEAR_MS,
  ): Promise<Certified> {
    const { premisesId, taxpayerId } = till.premises;
    const [notBefore, notAfter] = [new Date(notBeforeMs), new Date(notAfterMs)];
    const authority = await readAuthority(this.keysDirectory);
    const certified = await certify(authority, {
      terminalId: till.terminalId,
      taxpayerId,
      premisesId,
      notBefore,
      notAfter,
    });
    await this.client.query(
      `INSERT INTO terminal_certificate (thumbprint, terminal_id, serial, der, not_before, not_after, issued_at)
       VALUES ($1, $2, $3, $4, $5, $6, $5)`,
      [certified.thumbprint, till.terminalId, certified.serial, certified.der, notBefore, notAfter],
    );
    return certified;
  }

  /**
   * What PostgreSQL dates by itself, when an entry arrived and when an invoice was refused, gets the time of the newest invoice
   * while the month runs; afterwards its own again.
   */
  async dateByLedger(isOn: boolean): Promise<void> {
    const value = isOn ? 'simulated_time()' : 'now()';
    if (isOn) await this.client.query(SIMULATED_TIME);
    await this.client.query(
      `ALTER TABLE transaction_log_entry ALTER COLUMN received_at SET DEFAULT ${value};
       ALTER TABLE refused_invoice ALTER COLUMN refused_at SET DEFAULT ${value}`,
    );
    if (!isOn) await this.client.query('DROP FUNCTION simulated_time()');
  }

  /** Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.client.end();
    return this.#closed;
  }
}
