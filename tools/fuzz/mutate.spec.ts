import { describe, expect, it } from 'vitest';
import { Random } from '../simulator/random.js';
import { mutate } from './mutate.js';
import type { PlainRequest } from './request.js';

const POST: PlainRequest = {
  target: 'terminals',
  method: 'POST',
  path: '/v1/echo',
  headers: { 'content-type': 'application/json' },
  body: '{"nonce":"0123456789abcdef","more":[1,true,null]}',
};
const GET: PlainRequest = { target: 'public', method: 'GET', path: '/v/1', headers: { cookie: 'a=b' }, body: null };

const of = (request: PlainRequest, seed: string, count: number) =>
  Array.from({ length: count }, (_, number) => mutate(request, new Random(seed).fork(number), 'localhost:1'));

describe('a mutated request', () => {
  it('comes out the same for the same seed, and another for another', () => {
    const bytes = (seed: string) => of(POST, seed, 50).map((one) => one.bytes.toString('latin1'));
    expect(bytes('a')).toEqual(bytes('a'));
    expect(bytes('a')).not.toEqual(bytes('b'));
  });

  it('is changed in every way that there is, and now and then not at all', () => {
    const seen = new Set([...of(POST, 'a', 2_000), ...of(GET, 'a', 500)].flatMap(({ mutations }) => mutations));
    expect([...seen].sort()).toEqual([
      'bytes',
      'cut',
      'header',
      'header_left_out',
      'letter',
      'members_swapped',
      'method',
      'path',
      'piece_repeated',
      'query',
      'twice',
      'value',
    ]);
    expect(of(POST, 'a', 500).some(({ mutations }) => mutations.length === 0)).toBe(true);
  });

  it('has the length of its body, unless its bytes or that header were spoilt', () => {
    for (const { bytes, mutations } of of(POST, 'a', 1_000)) {
      if (mutations.includes('bytes') || mutations.includes('header')) continue;
      const [head = '', ...body] = bytes.toString('utf8').split('\r\n\r\n');
      expect(Number(/Content-Length: (\d+)/.exec(head)?.[1])).toBe(Buffer.byteLength(body.join('\r\n\r\n')));
    }
  });
});
