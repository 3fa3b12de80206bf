import { describe, expect, it } from 'vitest';
import { readLines } from './read-lines.js';

async function linesOf(chunks: readonly string[], bytesMax = 100): Promise<(string | null)[]> {
  async function* source(): AsyncGenerator<Buffer> {
    for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk));
  }
  const lines: (string | null)[] = [];
  for await (const { number, bytes } of readLines(source(), bytesMax)) {
    expect(number).toBe(lines.length + 1);
    lines.push(bytes?.toString() ?? null);
  }
  return lines;
}

describe('lines of a file', () => {
  it.each<[string, string[], (string | null)[]]>([
    ['nothing', [], []],
    ['one whole line', ['abc\n'], ['abc']],
    ['a last line without line feed', ['a\nb'], ['a', 'b']],
    ['lines across chunks, and several in one', ['a', 'b\nc\n', '\nd'], ['ab', 'c', '', 'd']],
    ['a carriage return as it stands', ['a\r\n'], ['a\r']],
  ])('cuts %s', async (_what, chunks, lines) => {
    expect(await linesOf(chunks)).toEqual(lines);
  });

  it('keeps nothing of a line that is too long, and goes on behind it', async () => {
    expect(await linesOf(['1234', '5', '6\nnext\n', '12345'], 5)).toEqual([null, 'next', '12345']);
  });
});
