/** Invoices that are on the wire at this moment, so that none is sent twice at once: a late answer may still come. */
export class UnderWay {
  readonly #invoices = new Map<string, Promise<void>>();

  has(invoiceId: string): boolean {
    return this.#invoices.has(invoiceId);
  }

  /** Marks the invoices until the work has settled; gives the work back. */
  track<T>(invoiceIds: readonly string[], work: Promise<T>): Promise<T> {
    const forget = (): void => {
      for (const id of invoiceIds) if (this.#invoices.get(id) === settled) this.#invoices.delete(id);
    };
    const settled: Promise<void> = work.then(forget, forget);
    for (const id of invoiceIds) this.#invoices.set(id, settled);
    return work;
  }

  /** Resolves when the invoice is no longer on the wire. */
  async settled(invoiceId: string): Promise<void> {
    await this.#invoices.get(invoiceId);
  }

  async allSettled(): Promise<void> {
    await Promise.all(this.#invoices.values());
  }
}
