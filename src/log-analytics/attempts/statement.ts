/** Gathers the values of a statement while its text is put together: nothing that anybody typed ever becomes part of the text. */
export class StatementValues {
  readonly list: unknown[] = [];

  /** @returns the place of the value in the text, with its type */
  add(value: unknown, type: string): string {
    this.list.push(value);
    return `$${this.list.length}::${type}`;
  }

  addTimes(instantsMs: readonly number[]): string {
    return this.add(
      instantsMs.map((ms) => new Date(ms).toISOString()),
      'timestamptz[]',
    );
  }
}
