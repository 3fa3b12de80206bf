import bidiModule from 'bidi-js';

// The module is the function itself; its types speak of the version for bundlers, where it is the default export.
const bidi = (bidiModule as unknown as typeof bidiModule.default)();

const MARK = /\p{Mark}/u;
/** Letters that the algorithm may turn round, and characters that say so (UAX #9). */
const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

/** A character and the marks upon it, at one place of the paper. */
export interface Cluster {
  readonly base: string;
  readonly marks: readonly string[];
}

/** The characters of a line as they stand on paper from left to right, Arabic letters in the form that their neighbours ask for. */
export function visualOrder(text: string): Cluster[] {
  if (!RIGHT_TO_LEFT.test(text)) return clustersOf(text).map(({ cluster }) => cluster);
  const shaped = shapeArabic(text);
  const { levels } = bidi.getEmbeddingLevels(shaped, 'ltr');
  const placed = clustersOf(shaped).map(({ cluster, at }) => ({ cluster, level: levels[at] ?? 0 }));
  for (let level = Math.max(0, ...placed.map((one) => one.level)); level > 0; level--) turnRuns(placed, level);
  return placed.map(({ cluster, level }) => (level % 2 === 0 ? cluster : mirrored(cluster)));
}

/** UAX #9, L2: what stands at this level or above, turned round run by run. */
function turnRuns(placed: { readonly level: number }[], level: number): void {
  for (let begin = 0; begin < placed.length; begin++) {
    let end = begin;
    while ((placed[end]?.level ?? -1) >= level) end++;
    if (end === begin) continue;
    placed.splice(begin, end - begin, ...placed.slice(begin, end).toReversed());
    begin = end;
  }
}

function mirrored({ base, marks }: Cluster): Cluster {
  return { base: bidi.getMirroredCharacter(base) ?? base, marks };
}

function clustersOf(text: string): { readonly cluster: Cluster; readonly at: number }[] {
  const clusters: { cluster: { base: string; marks: string[] }; at: number }[] = [];
  let at = 0;
  for (const character of text) {
    const last = clusters.at(-1);
    if (MARK.test(character) && last !== undefined) last.cluster.marks.push(character);
    else clusters.push({ cluster: { base: character, marks: [] }, at });
    at += character.length;
  }
  return clusters;
}

/** Forms of an Arabic letter; `initial` and `medial` only where it joins the next one. */
interface Forms {
  readonly isolated: string;
  readonly final: string;
  readonly initial?: string;
  readonly medial?: string;
}

/** Blocks of presentation forms (Unicode, Arabic Presentation Forms A and B). In each, the forms of a letter stand in the order of `Forms`. */
const FORM_BLOCKS = [
  [0xfb50, 0xfbff],
  [0xfe80, 0xfefc],
] as const;

/** The forms of each letter, and of lam with alef; made of Unicode's own decompositions. */
function presentationForms(): ReadonlyMap<string, Forms> {
  const found = new Map<string, string[]>();
  for (const [first, last] of FORM_BLOCKS) {
    for (let codePoint = first; codePoint <= last; codePoint++) {
      const form = String.fromCodePoint(codePoint);
      const letter = form.normalize('NFKC');
      if (letter !== form) found.set(letter, [...(found.get(letter) ?? []), form]);
    }
  }
  return new Map(
    [...found].flatMap(([letter, [isolated, final, initial, medial]]): [string, Forms][] => {
      if (isolated === undefined || final === undefined) return [];
      return [[letter, { isolated, final, ...(initial && medial && { initial, medial }) }]];
    }),
  );
}

let forms: ReadonlyMap<string, Forms> | undefined;

const TATWEEL = '\u0640';
const LAM = '\u0644';

/** Arabic letters as they join, in their order of reading; marks between them are passed over. */
function shapeArabic(text: string): string {
  forms ??= presentationForms();
  const characters = withLigatures(Array.from(text), forms);
  const joinsNext = (character: string | undefined): boolean =>
    character === TATWEEL || (character !== undefined && forms?.get(character)?.initial !== undefined);
  const joinsBefore = (character: string | undefined): boolean =>
    character === TATWEEL || (character !== undefined && forms?.has(character) === true);
  return characters
    .map((character, index) => {
      const own = forms?.get(character);
      if (own === undefined) return character;
      const before = joinsNext(characters.slice(0, index).findLast((other) => !MARK.test(other)));
      const behind =
        own.initial !== undefined && joinsBefore(characters.slice(index + 1).find((other) => !MARK.test(other)));
      if (before) return (behind ? own.medial : own.final) ?? character;
      return (behind ? own.initial : own.isolated) ?? character;
    })
    .join('');
}

/** Lam and alef are written as one. */
function withLigatures(characters: readonly string[], known: ReadonlyMap<string, Forms>): string[] {
  const joined: string[] = [];
  for (const character of characters) {
    const last = joined.at(-1);
    if (last === LAM && known.has(last + character)) joined.splice(-1, 1, last + character);
    else joined.push(character);
  }
  return joined;
}
