import { MaybeOne } from './rules.js';
import { oneOf } from './text-rules.js';

export const FORMATS = ['json', 'csv'] as const;

/** As JSON, or a table as CSV. */
export class FormatParameters {
  @MaybeOne(oneOf(FORMATS)) readonly format?: string;

  get isCsv(): boolean {
    return this.format === 'csv';
  }
}
