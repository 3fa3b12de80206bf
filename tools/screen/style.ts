/** Where a tool writes for people: standard output or standard error, a terminal or not. */
export type OutputStream = NodeJS.WriteStream;

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** SGR codes (ECMA-48, 8.3.117): on and off. */
const SGR: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

export type Paint = (style: Style, text: string) => string;

/** Colours text for terminals only, and not where people said no (https://no-color.org). */
export function paintFor(stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): Paint {
  const isColoured = stream.isTTY === true && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
  return (style, text) => {
    const [on, off] = SGR[style];
    return isColoured ? `\u001B[${on}m${text}\u001B[${off}m` : text;
  };
}
