import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Pool } from 'pg';

/*
 * What is measured against: the least that could be called a server that takes invoices. Mutual TLS, JSON.parse, one INSERT with a number from
 * a sequence, and nothing else: no signatures, no validation, no framework, no index. It is written to be fast: a prepared
 * statement, and the text that was parsed goes to the database as it came.
 *
 * A process of its own, started by issue-bench.ts with DATABASE_URL and KEYS_DIRECTORY; says its port to its parent.
 */

const POOL_SIZE = 16;

const keys = process.env['KEYS_DIRECTORY'] ?? '';
const pem = (...path: string[]): string => readFileSync(join(keys, ...path), 'utf8');
// It keeps its sessions, as ours does: a new one would cost its first rounds.
const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: POOL_SIZE, idleTimeoutMillis: 0 });

await pool.query('CREATE SEQUENCE number');
await pool.query('CREATE TABLE invoice (number bigint NOT NULL, body jsonb NOT NULL)');

const INSERT = {
  name: 'insert',
  text: `INSERT INTO invoice (number, body) VALUES (nextval('number'), $1) RETURNING number`,
};

function answer(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function take(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const text = Buffer.concat(chunks).toString('utf8');
    JSON.parse(text);
    pool.query<{ number: string }>({ ...INSERT, values: [text] }).then(
      ({ rows }) => answer(response, 200, { number: rows[0]?.number }),
      (error: unknown) => answer(response, 500, { error: String(error) }),
    );
  });
}

const server = createServer(
  {
    key: pem('public-listener', 'key.pem'),
    cert: pem('public-listener', 'certificate.pem'),
    ca: pem('ca', 'certificate.pem'),
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
  },
  take,
);
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
// Its parent is gone, or says that it is over.
process.on('disconnect', () => process.exit(0));
