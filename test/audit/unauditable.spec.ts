import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ForgedLedger } from './forged-ledger.js';
import { audit, ledgerInOrder, verdictOf } from './ledger-in-order.js';

let ledger: ForgedLedger;
beforeEach(async () => {
  ledger = await ledgerInOrder();
});
afterEach(() => ledger.delete());

import { AuditError, runAudit } from '../../tools/audit/audit.js';
import { KeysError } from '../../tools/audit/keys.js';
const sql = (text: string, ...parameters: unknown[]) => ledger.client.query(text, parameters);

describe('what cannot be audited', () => {
  it('a keys directory that is none is named', async () => {
    const auditing = runAudit({ databaseUrl: ledger.database.auditorUrl, keysDirectory: ledger.folder });
    await expect(auditing).rejects.toThrow(KeysError);
    await expect(auditing).rejects.toThrow('tax-control keys init');
  });

  it('a MAC key of another length is named', async () => {
    await writeFile(join(ledger.keysDirectory, 'mac', '900000000000.key'), 'short');
    await expect(audit(ledger)).rejects.toThrow('mac/900000000000.key');
  });

  it('a number below every MAC range breaks I7', async () => {
    const mac = join(ledger.keysDirectory, 'mac');
    await rm(join(mac, '900000000000.key'));
    await writeFile(join(mac, '950000000000.key'), Buffer.alloc(32).toString('base64url'));
    expect(verdictOf(await audit(ledger), 'I7').findings[0]).toContain('no MAC key for this number');
  });

  it('a database that no server ever used is told', async () => {
    await sql('DELETE FROM installation');
    await expect(audit(ledger)).rejects.toThrow(AuditError);
  });
});
