import type { Fault } from '@tax-control/protocol';

/**
 * Reads the query of a request strictly: a number is plain digits within its bounds, a choice is one of its words, and what nobody
 * asked for is a fault, so that a mistyped name is not passed over.
 */
export class QueryReader {
  private readonly values: Readonly<Record<string, unknown>>;
  private readonly read = new Set<string>();
  private readonly found: Fault[] = [];

  constructor(query: unknown) {
    this.values = typeof query === 'object' && query !== null ? { ...query } : {};
  }

  /** An integer from `min` to `max`; `otherwise` when it is left out. */
  integer(name: string, otherwise: number, min: number, max: number): number {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    const value = Number(text);
    if (/^[0-9]{1,16}$/.test(text) && value >= min && value <= max) return value;
    this.found.push({ pointer: `/${name}`, detail: `Must be an integer from ${min} to ${max}.` });
    return otherwise;
  }

  /** One of some words; `otherwise` when it is left out. */
  choice<Word extends string, Otherwise>(name: string, words: readonly Word[], otherwise: Otherwise): Word | Otherwise {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    const word = words.find((candidate) => candidate === text);
    if (word !== undefined) return word;
    this.found.push({ pointer: `/${name}`, detail: `Must be one of ${words.join(', ')}.` });
    return otherwise;
  }

  /** Everything wrong with the query, names included that were not read. */
  faults(): readonly Fault[] {
    const unknown = Object.keys(this.values).filter((name) => !this.read.has(name));
    return [
      ...this.found,
      ...unknown.map((name) => ({ pointer: `/${name}`, detail: 'Is not a parameter of this address.' })),
    ];
  }

  private text(name: string): string | undefined {
    this.read.add(name);
    const value = this.values[name];
    if (value === undefined || typeof value === 'string') return value;
    this.found.push({ pointer: `/${name}`, detail: 'Must be given once.' });
    return undefined;
  }
}
