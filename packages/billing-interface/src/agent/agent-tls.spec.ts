import { webcrypto } from 'node:crypto';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentFixture, startFixture, TOKEN } from '../testing/agent-fixture.js';

const HOUR_MS = 3_600_000;

/** A certificate for till.local and 127.0.0.1 that signs itself. */
async function makeCertificate(): Promise<{ certificate: string; key: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=agent of a spec',
    notBefore: new Date(Date.now() - HOUR_MS),
    notAfter: new Date(Date.now() + HOUR_MS),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'till.local' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ],
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    certificate: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`,
  };
}

let fixture: AgentFixture;
let certificate: string;

beforeAll(async () => {
  const tls = await makeCertificate();
  certificate = tls.certificate;
  fixture = await startFixture({ tls });
});
afterAll(() => fixture.end());

function call(host: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(fixture.agent.url);
    const headers = { authorization: `Bearer ${TOKEN}`, host };
    request(
      { hostname, port, path: '/v1/terminals', headers, ca: certificate, servername: 'till.local', agent: false },
      (answer) => {
        text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject);
      },
    )
      .on('error', reject)
      .end();
  });
}

describe('an agent with TLS', () => {
  it('says https in its address', () => {
    expect(fixture.agent.url).toMatch(/^https:/);
  });

  it.each([
    ['till.local:8744', 200],
    ['127.0.0.1', 200],
    ['other.local', 421],
  ])('answers to the names that its certificate bears: %s, %d', async (host, status) => {
    expect((await call(host)).status).toBe(status);
  });
});
