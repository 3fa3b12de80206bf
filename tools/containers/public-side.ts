import { request } from 'node:https';

/** A healthy server answers in milliseconds. */
const ANSWER_MS = 5_000;

export interface PublicAnswer {
  readonly status: number;
  readonly body: string;
}

/** Asks the public listener as a browser would. @param authority PEM of the certificate that it shows */
export function askPublic(address: string, authority: string): Promise<PublicAnswer> {
  return new Promise((resolve, reject) => {
    const asked = request(address, { ca: authority, timeout: ANSWER_MS, agent: false }, (answer) => {
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
    const { ok } = await fetch(`http://127.0.0.1:${operatorPort}/health/ready`, {
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return ok;
  } catch {
    return false;
  }
}
