import type { Span } from '../statistics/period.js';

/** Gathers the values of a statement while its text is put together: nothing that anybody typed ever becomes part of the text. */
export class StatementValues {
  readonly list: unknown[] = [];

  /** @returns the place of the value in the text, with its type */
  add(value: unknown, type: string): string {
    this.list.push(value);
    return `$${this.list.length}::${type}`;
  }

  /** Condition that a time lies in a span. */
  within(column: string, { fromMs, toMs }: Span): string {
    const [from, to] = [fromMs, toMs].map((ms) => this.add(new Date(ms).toISOString(), 'timestamptz'));
    return `${column} >= ${from} AND ${column} < ${to}`;
  }

  addTimes(instantsMs: readonly number[]): string {
    return this.add(
      instantsMs.map((ms) => new Date(ms).toISOString()),
      'timestamptz[]',
    );
  }
}
