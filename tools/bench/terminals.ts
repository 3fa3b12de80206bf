import { Client } from 'pg';
import { type Authority, certify, readAuthority } from '../fleet/certify.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const TAXPAYER = 'bench-taxpayer';
const PREMISES = 'bench-premises';

/** A till of the bench: plain data, so that it can be handed to another process. */
export interface BenchTerminal {
  readonly terminalId: string;
  readonly taxpayerId: string;
  readonly premisesId: string;
  readonly keyPem: string;
  readonly certificatePem: string;
  /** base64url SHA-256 of the certificate: `x5t#S256`. */
  readonly thumbprint: string;
}

/**
 * Registers terminals and gives them certificates, with the authority's own key and straight in the database: enrolling each by the front
 * door would take longer than the measurement, and none of it is measured.
 */
export async function makeTerminals(
  count: number,
  keysDirectory: string,
  superuserUrl: string,
): Promise<BenchTerminal[]> {
  const authority = await readAuthority(keysDirectory);
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query('INSERT INTO taxpayer (taxpayer_id, name) VALUES ($1, $2)', [TAXPAYER, 'Bench']);
    await client.query(
      `INSERT INTO premises (premises_id, taxpayer_id, name, region, activity, address) VALUES ($1, $2, 'Bench', 'North', 'retail', 'Road 1')`,
      [PREMISES, TAXPAYER],
    );
    const terminals: BenchTerminal[] = [];
    for (let index = 1; index <= count; index += 1)
      terminals.push(await makeTerminal(`bench-till-${String(index).padStart(3, '0')}`, authority, client));
    return terminals;
  } finally {
    await client.end();
  }
}

async function makeTerminal(terminalId: string, authority: Authority, client: Client): Promise<BenchTerminal> {
  const names = { terminalId, taxpayerId: TAXPAYER, premisesId: PREMISES };
  const [notBefore, notAfter] = [new Date(Date.now() - DAY_MS), new Date(Date.now() + DAY_MS)];
  const { keyPem, certificatePem, thumbprint, serial, der } = await certify(authority, {
    ...names,
    notBefore,
    notAfter,
  });
  await client.query('INSERT INTO terminal (terminal_id, premises_id, taxpayer_id) VALUES ($1, $2, $3)', [
    terminalId,
    PREMISES,
    TAXPAYER,
  ]);
  await client.query(
    `INSERT INTO terminal_certificate (thumbprint, terminal_id, serial, der, not_before, not_after) VALUES ($1, $2, $3, $4, $5, $6)`,
    [thumbprint, terminalId, serial, der, notBefore, notAfter],
  );
  return { ...names, keyPem, certificatePem, thumbprint };
}
