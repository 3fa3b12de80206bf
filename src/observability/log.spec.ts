import { describe, expect, it } from 'vitest';
import { NestLog } from './nest-log.js';
import { PinoLog } from './pino-log.js';

function logInto(lines: Record<string, unknown>[]): PinoLog {
  return new PinoLog('info', {
    write: (line: string) => {
      lines.push(JSON.parse(line) as Record<string, unknown>);
    },
  });
}

describe('the log', () => {
  it('is one JSON object a line with level, time and facts', () => {
    const lines: Record<string, unknown>[] = [];
    logInto(lines).info('listening', { port: 8443 });
    expect(lines).toEqual([{ level: 'info', time: expect.stringMatching(/Z$/), port: 8443, msg: 'listening' }]);
  });

  it('leaves out what is below its level', () => {
    const lines: Record<string, unknown>[] = [];
    new NestLog(logInto(lines)).log('Mapped {/v1/echo, POST} route', 'RouterExplorer');
    expect(lines).toEqual([]);
  });

  it('describes a database error without statement, parameters, row or quoted value', () => {
    const lines: Record<string, unknown>[] = [];
    const driverError = Object.assign(new Error('invalid input syntax for type uuid: "Jane Doe"'), {
      code: '22P02',
      table: 'ledger',
      detail: 'Failing row contains (Jane Doe).',
      where: 'unnamed portal parameter $1 = Jane Doe',
    });
    const error = Object.assign(new Error(driverError.message), {
      driverError,
      query: 'SELECT 1',
      parameters: ['Jane Doe'],
    });
    logInto(lines).error('a request failed', { requestId: '1' }, new Error('while issuing', { cause: error }));
    expect(JSON.stringify(lines)).not.toContain('Jane');
    expect(lines[0]).toMatchObject({
      cause: {
        message: 'while issuing',
        cause: { code: '22P02', about: 'ledger', message: 'the database refused a value' },
      },
    });
  });

  it.each([
    () => JSON.parse('Jane Doe'),
    () => BigInt('Jane Doe'),
    () => new URL('/', 'Jane Doe'),
    () => Buffer.from({ name: 'Jane Doe' } as unknown as string),
    () => process.kill('Jane Doe' as unknown as number),
  ])('describes what the runtime throws without the value that it quotes: %s', (fail) => {
    const lines: Record<string, unknown>[] = [];
    try {
      fail();
    } catch (error) {
      logInto(lines).error('a request failed', {}, error);
    }
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toContain('Jane');
  });

  it('survives causes that go in a circle, and what is no error', () => {
    const lines: Record<string, unknown>[] = [];
    const error = new Error('loop');
    error.cause = error;
    const log = logInto(lines);
    log.error('a request failed', {}, error);
    log.error('a request failed', {}, 'text');
    expect(lines).toHaveLength(2);
  });
});
