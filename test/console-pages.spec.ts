import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CallOptions, call } from './support/client.js';
import { startTestServer, type TestServer } from './support/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const get = (path: string, options: CallOptions = {}) => call(server, path, { listener: 'public', ...options });

/** Addresses of the page's own script and styles. */
async function assets(): Promise<string[]> {
  const { text } = await get('/console');
  return [...text.matchAll(/"(\/console\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '');
}

describe('the console’s page', () => {
  it.each(['/console', '/console/', '/console/overview', '/console/terminals/till-7?zone=UTC'])(
    'is at %s, since views are read by the page itself',
    async (path) => {
      const answer = await get(path);
      expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      expect(answer.text).toContain('<div id="root">');
      expect(answer.headers['cache-control']).toBe('no-store');
    },
  );

  it('allows scripts of its own alone, and styles with a nonce that is new each time', async () => {
    const [one, other] = [await get('/console'), await get('/console')];
    const policyOf = ({ headers }: typeof one) => String(headers['content-security-policy']);
    expect(policyOf(one)).toContain("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-");
    expect(policyOf(one)).not.toContain('unsafe');
    expect(policyOf(one)).not.toBe(policyOf(other));
    const [, nonce = '?'] = /'nonce-([^']+)'/.exec(policyOf(one)) ?? [];
    expect(one.text).toContain(`content="${nonce}"`);
    expect(one.text).not.toMatch(/<script(?![^>]*\bsrc=)/);
    expect(one.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'same-origin' });
  });
});

describe('the console’s files', () => {
  it('have fingerprints, stay for ever, and are sent compressed to who takes it', async () => {
    const [path = ''] = await assets();
    expect(path).toMatch(/-[\w-]{8}\.(js|css|svg)$/);
    const plain = await get(path);
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const agent = { headers: { 'accept-encoding': 'gzip, br' } };
    const zipped = await get(path, agent);
    expect([plain.headers['content-encoding'], zipped.headers['content-encoding']]).toEqual([undefined, 'gzip']);
  });

  it.each(['/console/assets/none.js', '/console/assets/..%2findex.html', '/console/assets/%2e%2e'])(
    'do not include %s',
    async (path) => {
      const answer = await get(path);
      expect([answer.status, answer.json()['code']]).toEqual([404, 'not_found']);
    },
  );

  it('are on no other listener', async () => {
    for (const listener of ['terminals', 'operator'] as const)
      expect((await call(server, '/console', { listener })).status).toBe(404);
  });
});
