import type { OutputStream, Paint } from '../screen/style.js';
import { type ProgressBar, startProgressBar } from '../screen/progress-bar.js';
import { wrapText } from '../screen/wrap-text.js';

/** Columns of a sentence; terminals are 80 wide, and the mark before it takes four. */
const TEXT_COLUMNS = 74;
const INDENT = '  ';

/** Tells a person what happens, and remembers whether all that was claimed turned out true. */
export class Narrator {
  #step = 0;
  #bar: ProgressBar | null = null;
  readonly #failures: string[] = [];

  constructor(
    private readonly stream: OutputStream,
    readonly paint: Paint,
    private readonly signal: AbortSignal,
  ) {}

  /** Claims that did not hold, in words. */
  get failures(): readonly string[] {
    return this.#failures;
  }

  /** Whether somebody looks at a terminal: light letters on a dark ground, as a rule. */
  get isTerminal(): boolean {
    return this.stream.isTTY;
  }

  /** A heading: what this step is about. */
  step(title: string): void {
    this.#step += 1;
    this.lines('', this.paint('bold', `${this.#step}. ${title}`));
  }

  /** What happens, or what to look at. */
  say(text: string): void {
    this.lines(...wrapText(text, TEXT_COLUMNS).map((line) => `${INDENT}${line}`));
  }

  /** Something that was promised and is now seen to hold, or not. */
  check(holds: boolean, claim: string): void {
    if (!holds) this.#failures.push(claim);
    const [mark, style] = holds ? (['✓', 'green'] as const) : (['✗', 'red'] as const);
    const [first = '', ...rest] = wrapText(claim, TEXT_COLUMNS - 2);
    this.lines(`${INDENT}${this.paint(style, mark)} ${first}`, ...rest.map((line) => `${INDENT}  ${line}`));
  }

  /** A printed receipt, or another piece of paper. */
  paper(text: string): void {
    this.lines(
      '',
      ...text
        .trimEnd()
        .split('\n')
        .map((line) => `${INDENT}${INDENT}${line}`),
      '',
    );
  }

  bar(label: string, total: number): ProgressBar {
    this.#bar = startProgressBar(this.stream, label, total);
    return this.#bar;
  }

  /** The story ends before its time: why. */
  breakOff(why: string): void {
    this.#bar?.end();
    this.stream.write(`\n${this.paint('red', why)}\n`);
  }

  /** @throws when the demo is interrupted: who does that does not want to hear more of the story */
  lines(...lines: readonly string[]): void {
    this.signal.throwIfAborted();
    this.stream.write(`${lines.join('\n')}\n`);
  }
}
