import { FormatParameters } from './format-parameters.js';
import { MaybeOne } from './rules.js';
import { SHORT_TEXT_RULE } from './text-rules.js';

/** A report as JSON, or one of its tables as CSV. */
export class TableParameters extends FormatParameters {
  @MaybeOne(SHORT_TEXT_RULE) readonly table?: string;
}
