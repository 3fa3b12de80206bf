import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** A healthy server answers in milliseconds. */
const ANSWER_MS = 5_000;
const OK = 200;

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * Asks as a browser would, over a connection of its own.
 * @param authority PEM of the certificate that the server shows; null for plain HTTP
 */
export function ask(address: string, authority: string | null): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked =
      authority === null
        ? requestHttp(address, { agent: false, timeout: ANSWER_MS })
        : requestHttps(address, { agent: false, timeout: ANSWER_MS, ca: authority });
    asked.on('response', (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts).toString() }));
    });
    asked.on('timeout', () => asked.destroy(new Error(`${address} did not answer within ${ANSWER_MS} ms.`)));
    asked.on('error', reject);
    asked.end();
  });
}

/** Whether a server says on its operator port that it can issue. */
export async function isReady(operatorPort: number): Promise<boolean> {
  try {
    return (await ask(`http://127.0.0.1:${operatorPort}/health/ready`, null)).status === OK;
  } catch {
    return false;
  }
}
