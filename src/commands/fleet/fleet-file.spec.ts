import { describe, expect, it } from 'vitest';
import { FLEET_ROWS_MAX, readFleetFile } from './fleet-file.js';

const reasonsOf = (content: string | Uint8Array): string[] =>
  readFleetFile(typeof content === 'string' ? Buffer.from(content) : content).faults.map(
    ({ line, reason }) => `${line}: ${reason}`,
  );

describe('a file of a fleet', () => {
  it('is read with its columns in any order, quotes, CRLF, blanks, empty lines and a byte order mark', () => {
    const text = '\u{FEFF}Premises, TERMINAL ,taxpayer\r\n"P1",T1,X1\r\n\r\n P1 , T2 ,\r\n,,\r\nP2,"T3",X2';
    expect(readFleetFile(Buffer.from(text))).toEqual({
      faults: [],
      rows: [
        { line: 2, terminalId: 'T1', premisesId: 'P1', taxpayerId: 'X1' },
        { line: 4, terminalId: 'T2', premisesId: 'P1', taxpayerId: null },
        { line: 6, terminalId: 'T3', premisesId: 'P2', taxpayerId: 'X2' },
      ],
    });
    expect(readFleetFile(Buffer.from('terminal,premises\nT1,P1\n')).rows).toHaveLength(1);
  });

  it('has all its bad rows named at once, with line and reason', () => {
    const text = [
      'terminal,premises',
      'T1,P1',
      '=HYPERLINK("http://x"),P1',
      'T1,P2',
      'T 3,',
      'T4',
      '"T5"x,P1',
      'T6,P1,X1',
      `${'a'.repeat(65)},P\u0007\u{202E}1`,
      'T7,P1',
    ].join('\n');
    expect(reasonsOf(text)).toEqual([
      expect.stringMatching(/^3: The terminal “=HYPERLINK\("http:\/\/x"\)” is not 1 to 64 letters/),
      '4: The terminal T1 stands in line 2 already.',
      expect.stringMatching(/^5: The terminal “T 3” is not/),
      '5: The premises is missing.',
      '6: The row has 1 columns, the heading 2.',
      expect.stringMatching(/^7: A quotation mark stands where none may/),
      '8: The row has 3 columns, the heading 2.',
      expect.stringMatching(/^9: The terminal “a{40}…” is not/),
      expect.stringMatching(/^9: The premises “P\uFFFD\uFFFD1” is not/),
    ]);
  });

  it.each([
    ['UTF-16 with a mark', Buffer.from('\u{FEFF}terminal,premises\nT1,P1', 'utf16le'), /^1: The file is UTF-16\./],
    ['UTF-16, the other way round', Buffer.from([0xfe, 0xff, 0, 0x74]), /^1: The file is UTF-16\./],
    ['UTF-16 without a mark', Buffer.from('terminal,premises\nT1,P1', 'utf16le'), /^1: .*NUL bytes: it is UTF-16/],
    ['Latin-1', Buffer.from('terminal,premises\nT1,P1\nT2,Café\n', 'latin1'), /^3: .*not UTF-8 .*Latin-1/],
    ['a folder of a ZIP', Buffer.from('PK\u0003\u0004\u0000\u0000'), /^1: .*no text at all/],
    [
      'nothing',
      Buffer.from(''),
      /^1: The file is empty\. Its first line names the columns: terminal,premises,taxpayer/,
    ],
    ['a heading alone', Buffer.from('terminal,premises\n'), /^1: .*no rows below it/],
    ['no heading', Buffer.from('T1,P1\nT2,P1\n'), /^1: There is no column “t1”/],
    ['semicolons', Buffer.from('terminal;premises\nT1;P1\n'), /^1: .*semicolons or tabs/],
    ['a column too few', Buffer.from('terminal\nT1\n'), /^1: The column premises is missing/],
    [
      'a column twice',
      Buffer.from('terminal,premises,terminal\nT1,P1,T2\n'),
      /^1: The column terminal stands there twice/,
    ],
    ['a column of another name', Buffer.from('terminal,premisses\nT1,P1\n'), /^1: There is no column “premisses”/],
    [
      'a quotation mark that stays open',
      Buffer.from('terminal,premises\nT0,P1\n"T1,P1\nT2,P2'),
      /^3: .*quotation mark/,
    ],
    [
      'a country too much',
      Buffer.from(`terminal,premises\n${'T1,P1\n'.repeat(FLEET_ROWS_MAX + 1)}`),
      /^1: .*more than 50000 rows/,
    ],
  ])('says what is wrong with %s', (_name, bytes, expected) => {
    const [first] = reasonsOf(bytes);
    expect(first).toMatch(expected);
  });
});
