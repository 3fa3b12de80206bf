import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, hasAllowedTexts, isCanonicalJson, parseJson, parseJsonWithUniqueNames } from './exact-json.js';
import { withPlainNames } from './plain-names.js';
import { scanJson } from './scan-json.js';

const pointers = (faults: readonly { pointer: string }[]) => faults.map(({ pointer }) => pointer);

/** Spells a text as JSON: any unit of UTF-16 as escape. */
function spellText(text: string, odd: () => boolean): string {
  const units = text.split('').map((unit) => {
    const escape = `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
    return odd() ? escape : JSON.stringify(unit).slice(1, -1);
  });
  return `"${units.join('')}"`;
}

/** Spells a value as JSON in one of many legal ways: blanks anywhere, escapes anywhere. */
function spell(value: unknown, odd: () => boolean): string {
  const blank = () => (odd() ? ' \n' : '');
  if (typeof value === 'string') return spellText(value, odd);
  if (Array.isArray(value))
    return `[${blank()}${value.map((item) => spell(item, odd)).join(`${blank()},${blank()}`)}${blank()}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(
      ([name, item]) => `${spellText(name, odd)}${blank()}:${blank()}${spell(item, odd)}`,
    );
    return `{${blank()}${members.join(`,${blank()}`)}${blank()}}`;
  }
  return JSON.stringify(value);
}

describe('scanJson', () => {
  it('finds names that occur twice, also when one is spelled with escapes, and says where', () => {
    expect(pointers(scanJson('{"a":1,"a":2}').duplicateNames)).toEqual(['/a']);
    expect(pointers(scanJson('{"lines":[{},{"amount":1, "\\u0061mount" :2}]}').duplicateNames)).toEqual([
      '/lines/1/amount',
    ]);
    expect(scanJson('{"a":{"b":1},"b":{"a":1},"c":["a","a"]}').duplicateNames).toEqual([]);
  });

  it.each(['1.0', '1e3', '1E3', '-0', '0.5', '1.0000000000000000001', '-1.5e-3', '1e400'])(
    'calls %s no plain integer',
    (number) => {
      expect(pointers(scanJson(`{"a":[0,${number}]}`).numbersNotInteger)).toEqual(['/a/1']);
    },
  );

  it('tells integers beyond 2^53 − 1 from safe ones', () => {
    expect(pointers(scanJson('[9007199254740991,9007199254740992,-9007199254740992]').numbersUnsafe)).toEqual([
      '/1',
      '/2',
    ]);
  });

  it('finds control characters and half surrogate pairs in texts and names, raw or escaped', () => {
    const text = '["\\u0000","\\n","\u{7F}","\u{85}","\\ud800","\\udc00x","\\ud83d\\ude00","\u{1F600}",{"\\u0007":1}]';
    expect(pointers(scanJson(text).texts)).toEqual(['/0', '/1', '/2', '/3', '/4', '/5', '/8/\u{FFFD}']);
  });

  it('stops at long lists of faults', () => {
    expect(scanJson(`[${'1.5,'.repeat(100_000)}0]`).numbersNotInteger).toHaveLength(10);
  });

  it('finds nothing in any spelling of a document of distinct names and safe integers', () => {
    const leaf = fc.oneof(
      fc.maxSafeInteger().filter((n) => !Object.is(n, -0)),
      fc.string({ unit: fc.constantFrom('a', 'Z', '"', '\\', '/', '中', '\u{1F600}') }),
      fc.boolean(),
      fc.constant(null),
    );
    const { document } = fc.letrec((tie) => ({
      document: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie('document')),
        fc.dictionary(
          fc.string({ maxLength: 4 }).map((s) => s.replaceAll(/\p{Cc}/gu, '')),
          tie('document'),
          { noNullPrototype: true },
        ),
      ),
    }));
    fc.assert(
      fc.property(document, fc.infiniteStream(fc.boolean()), (value, coins) => {
        const text = spell(value, () => Boolean(coins.next().value));
        expect(parseJson(text)).toEqual({ value });
        expect(scanJson(text)).toEqual({
          duplicateNames: [],
          numbersNotInteger: [],
          numbersUnsafe: [],
          texts: [],
        });
      }),
      { numRuns: 500 },
    );
  });

  it('agrees with the canonical look: what is canonical has no duplicates, and faulty texts are found by both', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 3, noUnicodeString: false }), (text) => {
        const value: unknown = JSON.parse(text);
        const faults = scanJson(text);
        if (!isCanonicalJson(text, value)) return;
        expect(faults.duplicateNames).toEqual([]);
        expect(hasAllowedTexts(text, Buffer.byteLength(text) === text.length)).toBe(faults.texts.length === 0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('parseJson', () => {
  /** JSON of so many levels. */
  const nested = (levels: number, inside = '') =>
    `${'[{"a":'.repeat(levels / 2)}${inside || 0}${'}]'.repeat(levels / 2)}`;

  it('reads an escaped name rightly after a name that only looks like its spelling', () => {
    for (const [looksLike, name, plain] of [
      [String.raw`qu\\u0061`, String.raw`qu\u0061ntity`, 'quantity'],
      [String.raw`a\\`, String.raw`a\/`, 'a/'],
      [String.raw`\\u0069`, String.raw`\u0069dabcd`, 'idabcd'],
    ] as const) {
      JSON.parse(`{"h":[],"${looksLike}":0}`);
      expect(parseJson(`{"h":1,"${name}":2}`)).toEqual({ value: { h: 1, [plain]: 2 } });
    }
  });

  it('takes 32 levels of lists and objects and no more, in any spelling', () => {
    expect(parseJson(nested(32))?.value).toBeTruthy();
    for (const levels of [34, 1_000, 20_000, 1_000_000])
      for (const text of [nested(levels), ` ${nested(levels)}`]) expect(parseJson(text)).toBeNull();
    expect(parseJson(nested(32, '[]'))).toBeNull();
  });

  it('changes nothing but the spelling of names', () => {
    const text = String.raw`{ "a" : "\u0061\":", "\u0062" :["\u0063"], "\"\\" : "x\\", "\u005f_proto__":1 }`;
    expect(withPlainNames(text)).toBe(
      String.raw`{ "a" : "\u0061\":", "b" :["\u0063"], "\"\\" : "x\\", "__proto__":1 }`,
    );
  });

  it.each(['{"\\', '"\\', '{"a\\":', '{"\\u00":1}', '{"\\x":1}', '"\\":', '\\', '["\\"'])(
    'calls %s no JSON',
    (text) => {
      expect(parseJson(text)).toBeNull();
    },
  );
});

describe('parseJsonWithUniqueNames', () => {
  it('takes any spelling, refuses duplicates, broken text and endless nesting', () => {
    expect(parseJsonWithUniqueNames(' { "a" : 1.0 } ')).toEqual({ value: { a: 1 } });
    expect(parseJsonWithUniqueNames('{"a":1,"\\u0061":1}')).toBeNull();
    expect(parseJsonWithUniqueNames('{"a":')).toBeNull();
    expect(parseJsonWithUniqueNames(`${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`)).toBeNull();
  });

  it('finds a name that occurs twice wherever the scanner finds one', () => {
    const spelling = fc.constantFrom('a', String.raw`\u0061`, 'b:', String.raw`\"`, String.raw`\u0022`, '__proto__');
    const member = fc.tuple(spelling, fc.jsonValue({ maxDepth: 2 }));
    fc.assert(
      fc.property(fc.array(fc.array(member, { maxLength: 4 }), { maxLength: 3 }), (objects) => {
        const written = objects.map((members) =>
          members.map(([name, value]) => `"${name}" : ${JSON.stringify(value)}`).join(', '),
        );
        const text = `[${written.map((members) => `{${members}}`).join(',')}]`;
        const isRefused = parseJsonWithUniqueNames(text) === null;
        expect(isRefused).toBe(scanJson(text).duplicateNames.length > 0);
      }),
    );
  });
});

describe('decodeUtf8', () => {
  it('takes UTF-8 only, and keeps a byte order mark', () => {
    expect(decodeUtf8(Buffer.from('grün 中'))).toBe('grün 中');
    expect(decodeUtf8(Buffer.from([0xef, 0xbb, 0xbf, 0x31]))).toBe('\u{FEFF}1');
    for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80]])
      expect(decodeUtf8(Buffer.from(bytes))).toBeNull();
  });
});
