import type { IssueOutcome } from '../../src/issuance/outcome.js';
import { openOffice, type Office, receiptOf } from '../issuance/office.js';
import { type Answer, call } from '../support/client.js';
import { makeGround, startTestServer, type TestServer } from '../support/server.js';
import { testPool } from '../support/pool.js';

/** A server, and issuance on the same ground to put invoices on file. */
export interface Place {
  readonly office: Office;
  readonly server: TestServer;
  /** A page as a browser of this address gets it; loopback has sixteen million of them. */
  page(path: string, options?: PageOptions): Promise<Answer>;
  /** Sends a form. */
  send(path: string, fields: Readonly<Record<string, string>>, from?: string): Promise<Answer>;
  close(): Promise<void>;
}

export interface PageOptions {
  readonly from?: string;
  readonly language?: string;
}

export async function openPlace(): Promise<Place> {
  const ground = await makeGround();
  const server = await startTestServer({ ground });
  const office = await openOffice({ ground });
  const ask = (path: string, options: PageOptions & { body?: string; headers?: Record<string, string> }) =>
    call(server, path, {
      listener: 'public',
      headers: { 'accept-language': options.language ?? 'en', ...options.headers },
      ...(options.body === undefined ? {} : { body: options.body }),
      tls: { localAddress: options.from ?? '127.0.0.1' },
    });
  return {
    office,
    server,
    page: (path, options = {}) => ask(path, options),
    send: (path, fields, from) =>
      ask(path, {
        body: new URLSearchParams(fields).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        ...(from === undefined ? {} : { from }),
      }),
    close: async () => {
      await server.stop();
      await office.close();
      await ground.clear();
    },
  };
}

export function codeOf(outcome: IssueOutcome | undefined): string {
  return receiptOf(outcome?.result).code;
}

/** Forgets all tries, as the end of the windows would. */
export async function forgetTries(place: Place): Promise<void> {
  const pool = testPool({ connectionString: place.office.ground.database.serverUrl, max: 1 });
  await pool.query('DELETE FROM rate_limit');
  await pool.end();
}

/** The text of a page without its markup, one space between words. */
export function textOf({ text }: Answer): string {
  const body = text.slice(text.indexOf('<main>'));
  return body
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll(/\s+/g, ' ');
}
