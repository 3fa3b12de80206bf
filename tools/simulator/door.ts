import type { Problem } from '@tax-control/protocol';
import type { ConnectionOptions } from 'node:tls';
import { HttpConnection, postRequest } from '../bench/http-connection.js';

const HOST = '127.0.0.1';
/** A server that restarts or is busy elsewhere closes idle connections: the second try finds out whether it is there. */
const TRIES = 2;

/** Where the terminals' listener is. */
export interface DoorPlace {
  readonly port: number;
}

/** An answer of the server: what was asked for, or a problem. */
export type DoorAnswer<Body> =
  { readonly ok: true; readonly body: Body } | { readonly ok: false; readonly problem: Problem };

/** One till's line to the server: real mutual TLS, one connection kept open. */
export class Door {
  #connection: HttpConnection | null = null;

  constructor(
    private readonly place: DoorPlace,
    private identity: { readonly keyPem: string; readonly certificatePem: string },
  ) {}

  /** The till was enrolled again. */
  identify(identity: { readonly keyPem: string; readonly certificatePem: string }): void {
    this.close();
    this.identity = identity;
  }

  /** @throws when there is no server */
  async post<Body>(
    path: string,
    body: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<DoorAnswer<Body>> {
    const request = postRequest(HOST, path, JSON.stringify(body), headers);
    for (let tries = 1; ; tries += 1) {
      try {
        this.#connection ??= await HttpConnection.open(this.#options());
        const answer = await this.#connection.send(request);
        const json = JSON.parse(answer.body) as unknown;
        return answer.status === 200 ? { ok: true, body: json as Body } : { ok: false, problem: json as Problem };
      } catch (error) {
        this.close();
        if (tries === TRIES) throw error;
      }
    }
  }

  close(): void {
    this.#connection?.close();
    this.#connection = null;
  }

  #options(): ConnectionOptions {
    const { keyPem, certificatePem } = this.identity;
    // The server's certificate has the dates of the simulated calendar, and OpenSSL judges them by the real one. Nobody but our own
    // server is at this address, so nothing is lost by not judging it.
    return { host: HOST, port: this.place.port, rejectUnauthorized: false, key: keyPem, cert: certificatePem };
  }
}
