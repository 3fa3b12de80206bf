import { problem, validator } from '@tax-control/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleIssued } from '../testing/samples.js';
import { agentApp } from './agent-app.js';
import { type AgentFixture, sampleDraft, startFixture, TOKEN } from '../testing/agent-fixture.js';
import { Lanes } from './lanes.js';
import { openApiDocument } from './openapi.js';
import { Stopping } from './stopping.js';

interface Media {
  readonly schema?: object;
}
interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** Schemas refer to each other; as `$defs` of one schema they can be compiled. */
const document = JSON.parse(
  JSON.stringify(openApiDocument('0.0.0')).replaceAll('#/components/schemas/', '#/$defs/'),
) as Document;

/** What the schema of an answer says of a body: nothing, or what is wrong. */
function faultsOf(schema: object, body: unknown): unknown[] {
  return validator({ ...schema, $defs: document.components.schemas }).faults(body);
}

/** `POST /v1/terminals/{terminalId}/drain` … as the router has them. */
async function routes(): Promise<string[]> {
  const app = agentApp({
    token: TOKEN,
    isOurHost: () => true,
    tls: null,
    log: () => undefined,
    version: '0.0.0',
    lanes: new Lanes(
      [],
      () => Promise.reject(new Error('none')),
      () => undefined,
    ),
    stopping: new Stopping(),
  });
  await app.ready();
  const parents: string[] = [];
  return app
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const match = /^([│├└─\s]*)(\/\S*)(?: \((.*)\))?$/.exec(line);
      if (match === null) return [];
      const [, indent = '', part = '', methods = ''] = match;
      const depth = indent.length / 4;
      parents.splice(depth - 1, Infinity, part);
      const path = parents.join('').replaceAll(/:(\w+)/g, '{$1}');
      return methods.split(', ').map((method) => `${method} ${path}`);
    })
    .sort();
}

let fixture: AgentFixture;
beforeAll(async () => {
  fixture = await startFixture();
  const till = fixture.tills.get('till-1')!;
  const { result: _r, code: _c, receipt: _p, receiptJws: _j, warnings: _w, ...facts } = sampleIssued();
  till.answers.set('offline', (saleId) => till.storedOffline(saleId));
  till.answers.set('refused', (saleId) => ({
    ...facts,
    saleId,
    result: 'refused',
    problem: problem('tax_arithmetic'),
  }));
  till.answers.set('limit', (saleId) => ({ result: 'limit_reached', saleId, detail: 'Drain first.' }));
  till.answers.set('forbidden', (saleId) => ({ result: 'not_permitted', saleId, detail: 'Ask the office.' }));
  till.answers.set('full', (saleId) => ({ result: 'journal_unavailable', saleId, detail: 'Free some space.' }));
  till.tell('late');
});
afterAll(() => fixture.end());

describe('the OpenAPI document', () => {
  it('has every route, and no other', async () => {
    const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(documented.sort()).toEqual(await routes());
  });

  it('has no reference to a schema that is missing', () => {
    const references = [...JSON.stringify(document).matchAll(/#\/\$defs\/(\w+)/g)].map((match) => match[1]);
    expect(references.filter((name) => !Object.hasOwn(document.components.schemas, name ?? ''))).toEqual([]);
  });

  const terminal = '/v1/terminals/{terminalId}';
  const sale = `${terminal}/sales/{saleId}`;
  it.each([
    ['GET', '/v1/health', {}, 200],
    ['GET', '/v1/openapi.json', {}, 200],
    ['GET', '/v1/terminals', {}, 200],
    ['GET', `${terminal}/status`, {}, 200],
    ['GET', `${terminal}/status`, { terminalId: 'damaged-3' }, 503],
    ['GET', `${terminal}/status`, { terminalId: 'none' }, 404],
    ['POST', `${terminal}/drain`, {}, 200],
    ['GET', `${terminal}/feed`, {}, 200],
    ['GET', `${terminal}/feed`, { query: '?cursor=x' }, 400],
    ['GET', `${terminal}/log`, {}, 200],
    ['POST', `${terminal}/parameters`, { body: { parameters: 'good' } }, 200],
    ['POST', `${terminal}/parameters`, { body: { parameters: 'bad' } }, 422],
    ['POST', sale, { saleId: 'a', query: '?receipt=42', body: sampleDraft }, 200],
    ['POST', sale, { saleId: 'offline', query: '?receipt=42', body: sampleDraft }, 202],
    ['POST', sale, { saleId: 'refused', body: sampleDraft }, 422],
    ['POST', sale, { saleId: 'limit', body: sampleDraft }, 409],
    ['POST', sale, { saleId: 'forbidden', body: sampleDraft }, 403],
    ['POST', sale, { saleId: 'full', body: sampleDraft }, 503],
    ['POST', sale, { saleId: 'wrong', body: {} }, 422],
    ['POST', sale, { saleId: 'wrong', body: '{' }, 400],
    ['GET', sale, { saleId: 'a' }, 200],
    ['GET', sale, { saleId: 'offline' }, 200],
    ['GET', sale, { saleId: 'refused' }, 200],
    ['GET', sale, { saleId: 'never' }, 404],
    ['GET', `${sale}/receipt`, { saleId: 'a' }, 200],
    ['GET', `${sale}/receipt`, { saleId: 'refused' }, 409],
    ['GET', `${sale}/receipt`, { saleId: 'a', query: '?columns=1' }, 400],
  ] as [string, string, { terminalId?: string; saleId?: string; query?: string; body?: unknown }, number][])(
    'describes what %s %s answers: %j, %d',
    async (method, template, { terminalId = 'till-1', saleId = '', query = '', body }, status) => {
      const path = template.replace('{terminalId}', terminalId).replace('{saleId}', saleId) + query;
      const answer =
        body === undefined ? await fixture.call(path, { method, headers }) : await fixture.post(path, body);
      expect(answer.status).toBe(status);
      const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
      const media = document.paths[template]?.[method.toLowerCase()]?.responses[status]?.content?.[type];
      expect(media, `${status} ${type} is not documented`).toBeDefined();
      const told: unknown = type === 'text/plain' ? await answer.text() : await answer.json();
      expect(faultsOf(media?.schema ?? {}, told)).toEqual([]);
    },
  );
});

const headers = { authorization: `Bearer ${TOKEN}` };
