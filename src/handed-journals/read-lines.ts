/** A line of a file, without its line feed. `bytes` is null where it is longer than a line may be. */
export interface FileLine {
  readonly number: number;
  readonly bytes: Buffer | null;
}

const LINE_FEED = 0x0a;

/**
 * Cuts a file into lines. What follows the last line feed is a line too, unless it is empty. Holds one line at a time.
 *
 * @param bytesMax longest line in bytes; of a longer one nothing is kept
 */
export async function* readLines(source: AsyncIterable<Buffer>, bytesMax: number): AsyncGenerator<FileLine> {
  let [number, length] = [0, 0];
  let parts: Buffer[] = [];
  const take = (part: Buffer): void => {
    length += part.length;
    if (length <= bytesMax) parts.push(part);
    else parts = [];
  };
  const line = (): FileLine => {
    number += 1;
    const bytes = length > bytesMax ? null : Buffer.concat(parts);
    [length, parts] = [0, []];
    return { number, bytes };
  };
  for await (const chunk of source) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      take(chunk.subarray(start, end));
      start = end + 1;
      yield line();
    }
    if (start < chunk.length) take(chunk.subarray(start));
  }
  if (length > 0) yield line();
}
