import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from './support/client.js';
import { startTestServer, type TestServer } from './support/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

describe('health', () => {
  it('is told on the operator port', async () => {
    const live = await call(server, '/health/live', { listener: 'operator' });
    expect([live.status, live.json()]).toEqual([200, { status: 'live' }]);
    const ready = await call(server, '/health/ready', { listener: 'operator' });
    expect([ready.status, ready.json()]).toEqual([
      200,
      {
        status: 'ready',
        checks: [
          { name: 'listeners', fault: null },
          { name: 'database', fault: null },
          { name: 'keys', fault: null },
          { name: 'issuing', fault: null },
        ],
      },
    ]);
    const pages = await call(server, '/health/pages', { listener: 'operator' });
    expect([pages.status, pages.json()]).toMatchObject([200, { status: 'ready' }]);
  });
});

describe('a listener', () => {
  it.each([
    ['terminals', '/health/live'],
    ['public', '/health/live'],
    ['public', '/v1/echo'],
    ['operator', '/v1/echo'],
    ['operator', '/docs'],
    ['terminals', '/openapi.json'],
    ['terminals', '/%zz'],
    ['terminals', `/v1/invoices/${'9'.repeat(200)}`],
  ] as const)('of %s knows no %s', async (listener, path) => {
    const answer = await call(server, path, { listener });
    expect([answer.status, answer.json()]).toEqual([
      404,
      expect.objectContaining({ code: 'not_found', retry: 'never' }),
    ]);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  it('names the methods that an address knows', async () => {
    const answer = await call(server, '/v1/echo?x=1', { method: 'DELETE' });
    expect([answer.status, answer.headers['allow'], answer.json()]).toEqual([
      405,
      'POST',
      expect.objectContaining({ code: 'method_not_allowed', requestId: answer.headers['request-id'] }),
    ]);
  });
});

interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: object }>> };
}

interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

describe('the documentation', () => {
  it('describes every route that is not the operator’s', async () => {
    const answer = await call<OpenApi>(server, '/openapi.json', { listener: 'public' });
    const { openapi, paths, components } = answer.json();
    expect(openapi).toBe('3.1.0');
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        '/v1/echo',
        '/v1/transaction-logs',
        '/v1/originals/{code}',
        '/v1/originals/{terminalId}/{invoiceId}',
        '/v1/journals/{journalId}/invoices',
      ]),
    );
    expect(Object.keys(paths).filter((path) => path.startsWith('/health'))).toEqual([]);
    const references = [...answer.text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);
    expect(Object.keys(components.schemas)).toEqual(expect.arrayContaining([...new Set(references)]));
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
    const undescribed = operations.filter(({ summary }) => summary === undefined || summary === '');
    expect(undescribed).toEqual([]);
    const bodies = operations.flatMap(({ requestBody }) => Object.values(requestBody?.content ?? {}));
    expect(bodies.filter(({ schema }) => schema === undefined)).toEqual([]);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });

  it('is a page that loads nothing from elsewhere', async () => {
    const page = await call(server, '/docs', { listener: 'public' });
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    expect(page.text).not.toMatch(/(src|href)="https?:/);
    const parts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => String(path));
    expect(parts.length).toBeGreaterThan(3);
    for (const path of parts)
      expect([path, (await call(server, path, { listener: 'public' })).status]).toEqual([path, 200]);
  });

  it.each([
    '/docs/package.json',
    '/docs/..%2fpackage.json',
    '/docs/%2e%2e',
    '/schemas/none.json',
    '/schemas/__proto__',
  ])('gives no %s', async (path) => {
    expect((await call(server, path, { listener: 'public' })).status).toBe(404);
  });

  it('lists every schema that it publishes, and each of them compiles', async () => {
    const list = await call<{ schemas: { title: string; id: string; path: string }[] }>(server, '/schemas', {
      listener: 'public',
    });
    const { schemas } = list.json();
    expect(schemas.map(({ path }) => path).toSorted()).toEqual(
      ['echo', 'invitation', 'invoice', 'log-entry', 'parameters', 'problem', 'receipt', 'warning'].map(
        (name) => `/schemas/${name}-1.json`,
      ),
    );
    for (const { title, id, path } of schemas) {
      const answer = await call<{ $id: string; title: string }>(server, path, { listener: 'public' });
      expect(answer.headers['content-type']).toBe('application/schema+json; charset=utf-8');
      expect(answer.json()).toMatchObject({ $id: id, title });
      const ajv = new Ajv2020({ allowUnionTypes: true, formats: { date: true, 'date-time': true } });
      expect(() => ajv.compile(answer.json())).not.toThrow();
    }
  });
});
