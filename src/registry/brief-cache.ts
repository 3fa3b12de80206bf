import { BoundedMap } from './bounded-map.js';

interface Entry<Value> {
  /** When the question was sent: what it answers was true at some time after that. */
  readonly askedAtMs: number;
  readonly answer: Promise<Value>;
  /** The last answer that has come: this one, or until then the one before. */
  last: { readonly value: Value } | undefined;
}

/**
 * Remembers answers of the database for a short while. Questions for one key that come together share one answer, and
 * failures are not remembered. `now` counts milliseconds and never goes back.
 */
export class BriefCache<Key, Value> {
  private readonly entries: BoundedMap<Key, Entry<Value>>;

  constructor(
    private readonly ask: (key: Key) => Promise<Value>,
    private readonly options: { readonly ageMsMax: number; readonly entriesMax: number; readonly now: () => number },
  ) {
    this.entries = new BoundedMap(options.entriesMax);
  }

  /** An answer that was asked for at most `ageMsMax` ago. */
  get(key: Key): Promise<Value> {
    const entry = this.entries.get(key);
    if (entry !== undefined && this.options.now() - entry.askedAtMs < this.options.ageMsMax) return entry.answer;
    return this.refresh(key);
  }

  /** A new answer, whatever is remembered. */
  refresh(key: Key): Promise<Value> {
    const last = this.entries.get(key)?.last;
    const entry: Entry<Value> = { askedAtMs: this.options.now(), answer: this.ask(key), last };
    this.entries.set(key, entry);
    entry.answer.then(
      (value) => (entry.last = { value }),
      () => {
        if (this.entries.get(key) === entry) this.entries.delete(key);
      },
    );
    return entry.answer;
  }

  /** The last answer that came, however old; undefined: none is remembered. Nobody is asked. */
  last(key: Key): Value | undefined {
    return this.entries.get(key)?.last?.value;
  }
}
