import type { Database } from './sqlite/database.js';

/** What the till remembers beside invoices; each value is a text of its owner's making. */
export type SettingName =
  /** Signed parameters document (compact JWS) and the ETag it came with. */
  | 'parameters'
  | 'parameters_etag'
  | 'parameters_checked_at'
  /** JSON of clock-watch.ts: the last measurement. */
  | 'clock_offset'
  /** Latest moment that is known to have passed, milliseconds since 1970. */
  | 'clock_passed'
  /** JSON of standing.ts. */
  | 'standing'
  /** The jump of the server's numbers behind which it had all receipts of this till on file. */
  | 'kept_since'
  /** JSON array: codes of receipts that the server does not take back. */
  | 'refused_receipts';

/** The table `settings`, and the certificates that this till ever signed with. Writing is idempotent. */
export class SettingStore {
  readonly #statements;

  constructor(database: Database) {
    this.#statements = {
      get: database.prepare<[string], { value: string }>('SELECT value FROM settings WHERE name = ?'),
      set: database.prepare<[string, string]>(
        'INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      ),
      remove: database.prepare<[string]>('DELETE FROM settings WHERE name = ?'),
      addCertificate: database.prepare<[string, string, number]>(
        'INSERT INTO certificates (thumbprint, pem, added_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      ),
      certificate: database.prepare<[string], { pem: string }>('SELECT pem FROM certificates WHERE thumbprint = ?'),
    };
  }

  get(name: SettingName): string | null {
    return this.#statements.get.get(name)?.value ?? null;
  }

  set(name: SettingName, value: string): void {
    this.#statements.set.run(name, value);
  }

  remove(name: SettingName): void {
    this.#statements.remove.run(name);
  }

  /** PEM of a certificate that this till had; null: it never had it. */
  certificate(thumbprint: string): string | null {
    return this.#statements.certificate.get(thumbprint)?.pem ?? null;
  }

  addCertificate(thumbprint: string, pem: string, at: number): void {
    this.#statements.addCertificate.run(thumbprint, pem, at);
  }
}
