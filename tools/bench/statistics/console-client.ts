import { request } from 'node:https';
import { Agent } from 'node:https';
import { randomBytes } from 'node:crypto';
import type { ConsoleOffer } from '../../fleet/offer-console.js';

/** An answer, read to its end, and how long that took. */
export interface TimedAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly bytes: number;
  readonly tookMs: number;
}

const ROOT = '/v1/console';

/** An official's browser as far as the server can tell: one kept connection, a session, the token against forged requests. */
export class ConsoleClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  readonly #origin: string;
  #cookie = '';
  #token = '';

  private constructor(address: string) {
    this.#origin = new URL(address).origin;
  }

  /** Signs in for the first time, and sets a password of its own. @throws when that is refused */
  static async open({ address, name, temporaryPassword }: ConsoleOffer): Promise<ConsoleClient> {
    const client = new ConsoleClient(address);
    await client.#enter('POST', '/session', { name, password: temporaryPassword });
    const newPassword = `Bench-${randomBytes(12).toString('base64url')}`;
    await client.#enter('PUT', '/password', { presentPassword: temporaryPassword, newPassword });
    return client;
  }

  get(path: string): Promise<TimedAnswer> {
    return this.#send('GET', path);
  }

  post(path: string, body: object): Promise<TimedAnswer> {
    return this.#send('POST', path, body);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #enter(method: string, path: string, body: object): Promise<void> {
    const { status, body: answer } = await this.#send(method, path, body);
    if (status !== 200) throw new Error(`the console refused ${method} ${path}: ${JSON.stringify(answer)}`);
    this.#token = (answer as { readonly csrfToken: string }).csrfToken;
  }

  #send(method: string, path: string, body?: object): Promise<TimedAnswer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const began = performance.now();
    return new Promise((resolve, reject) => {
      const sent = request(`${this.#origin}${ROOT}${path}`, {
        method,
        agent: this.#agent,
        headers: {
          ...(text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          origin: this.#origin,
          cookie: this.#cookie,
          'csrf-token': this.#token,
        },
      });
      sent.on('error', reject);
      sent.on('response', (response) => {
        const [cookie] = response.headers['set-cookie'] ?? [];
        if (cookie !== undefined) this.#cookie = cookie.split(';', 1)[0] ?? '';
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const bytes = Buffer.concat(chunks);
          const tookMs = performance.now() - began;
          const isJson = (response.headers['content-type'] ?? '').includes('json');
          const parsed: unknown = isJson ? JSON.parse(bytes.toString('utf8')) : null;
          resolve({ status: response.statusCode ?? 0, body: parsed, bytes: bytes.length, tookMs });
        });
      });
      sent.end(text);
    });
  }
}
