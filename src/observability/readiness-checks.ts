/** What a module finds wrong with itself, in words for the operator; null: nothing. */
type Look = () => string | null;

/** Where modules say whether they can do their work. Each look must be cheap: /health/ready and each scrape take it. */
export class ReadinessChecks {
  readonly #looks = new Map<string, Look>();

  offer(name: string, look: Look): void {
    this.#looks.set(name, look);
  }

  read(): { readonly name: string; readonly fault: string | null }[] {
    return [...this.#looks].map(([name, look]) => ({ name, fault: look() }));
  }
}
