import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FuzzConnection } from './connection.js';
import { bytesOf, type PlainRequest } from './request.js';
import { faultsOf, GROWTH_BYTES_MAX, isAnsweredClaim } from './run-fuzz.js';

let server: Server;
let connection: FuzzConnection;
let connections = 0;

beforeEach(async () => {
  connections = 0;
  server = createServer((request, response) => {
    if (request.url === '/fails') response.writeHead(500).end('{"code":"internal_error"}');
    else if (request.url === '/chunked') response.writeHead(200).write('a', () => response.end('b'));
    else if (request.url === '/cut') request.socket.destroy();
    else response.writeHead(200, { 'content-length': 4 }).end(request.method === 'HEAD' ? undefined : 'four');
  });
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  connection = new FuzzConnection({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, tls: null });
});
afterEach(async () => {
  connection.close();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

function ask(path: string, method = 'GET') {
  const request: PlainRequest = { target: 'operator', method, path, headers: {}, body: null };
  return connection.send(bytesOf(request, 'localhost'));
}

describe('a connection', () => {
  it('tells the status of whole answers, and goes on over the same one', async () => {
    for (const [path, status] of [
      ['/', 200],
      ['/chunked', 200],
      ['/fails', 500],
    ] as const)
      expect(await ask(path)).toMatchObject({ status, isSilent: false });
    expect(await ask('/', 'HEAD')).toMatchObject({ status: 200 });
    expect((await ask('/fails')).text).toContain('internal_error');
    expect(connections).toBe(1);
  });

  it('tells that it ended, and begins anew', async () => {
    expect(await ask('/cut')).toEqual({ status: null, isSilent: false, text: '' });
    expect(await ask('/')).toMatchObject({ status: 200 });
    expect(await connection.send(Buffer.from('no http at all\r\n\r\n'))).toMatchObject({ status: 400 });
    expect(await ask('/')).toMatchObject({ status: 200 });
  });

  it('tells that nothing came in time', async () => {
    expect(await connection.send(Buffer.from('GET / HTTP/1.1\r\nHost:'))).toMatchObject({
      status: null,
      isSilent: true,
    });
  });
});

describe('what a run may not have', () => {
  const memory = { server: [5, 4, 3, 2, 1, 9, GROWTH_BYTES_MAX] };
  const well = { seed: '1', requests: 1, answers: {}, faults: [], memory };

  it('is an answer of 5xx, or memory that grew', () => {
    expect(faultsOf(well)).toEqual([]);
    expect(faultsOf({ ...well, memory: { server: [5, 4, 3, 2, 1, GROWTH_BYTES_MAX + 2] } })).toEqual([
      `The memory of the server grew from 1 to ${GROWTH_BYTES_MAX + 2} bytes in the second half.`,
    ]);
    const fault = {
      lane: 0,
      number: 7,
      request: 'public GET / HTTP/1.1\r\n',
      mutations: [],
      answer: 'HTTP/1.1 500 No',
    };
    expect(faultsOf({ ...well, faults: [fault] })).toEqual(['Request 7 was answered with 500: public GET / HTTP/1.1']);
  });

  it('is not the answer to a till that claims a code which it was not given', () => {
    const [given, other] = ['90000000000001324383', '90000000000001324480'];
    const claim = (code: string): Buffer => Buffer.from(`POST / HTTP/1.1\r\n\r\n{"newestCode":"${code}"}`);
    const behind = 'HTTP/1.1 503 Service Unavailable\r\n\r\n{"code":"server_behind"}';
    expect(isAnsweredClaim(claim(other), behind, given)).toBe(true);
    expect(isAnsweredClaim(claim(other), behind, null)).toBe(true);
    expect(isAnsweredClaim(claim(given), behind, given)).toBe(false);
    expect(isAnsweredClaim(Buffer.from('POST / HTTP/1.1'), behind, given)).toBe(false);
    expect(isAnsweredClaim(claim(other), behind.replace('server_behind', 'database_unavailable'), given)).toBe(false);
  });
});
