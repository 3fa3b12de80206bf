const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Each value of a list or object but the first has a comma before it, and each list or object has a bracket. */
const IS_MARK = new Uint8Array(256);
for (const mark of Buffer.from('[{,')) IS_MARK[mark] = 1;

/**
 * Whether a JSON text has more values than allowed, to be asked before it is parsed: megabytes of `[[[[` or `[],[],` cost
 * seconds in `JSON.parse`, and hundreds of times their size in memory. What is no JSON gets any answer.
 * @param body UTF-8
 */
export function hasMoreValuesThan(body: Buffer, valuesMax: number): boolean {
  if (body.length <= valuesMax) return false;
  let marks = 0;
  for (let at = 0; at < body.length;) {
    const quote = indexOrEnd(body, QUOTE, at);
    for (; at < quote; at += 1) marks += IS_MARK[body[at] ?? 0] ?? 0;
    if (marks > valuesMax) return true;
    at = endOfString(body, quote);
  }
  return false;
}

/** Index behind the quote that closes the string which begins at `start`, or the end of the body. */
function endOfString(body: Buffer, start: number): number {
  for (let end = start; ;) {
    end = indexOrEnd(body, QUOTE, end + 1);
    let backslashes = 0;
    while (body[end - 1 - backslashes] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0 || end >= body.length) return end + 1;
  }
}

function indexOrEnd(body: Buffer, byte: number, from: number): number {
  const index = body.indexOf(byte, from);
  return index < 0 ? body.length : index;
}
