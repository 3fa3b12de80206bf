import { TERMINAL_STATUSES, type TerminalStatusName } from '@tax-control/protocol/console';
import { FilterParameters } from './report-parameters.js';
import { MaybeOne } from './rules.js';
import { oneOf, SHORT_TEXT_RULE } from './text-rules.js';

/** A list of what is registered: narrowed by where it stands, and by a text in ids and names. */
export class ListParameters extends FilterParameters {
  @MaybeOne(SHORT_TEXT_RULE) readonly text?: string;
}

/** A list of terminals. */
export class TerminalParameters extends ListParameters {
  @MaybeOne(oneOf(TERMINAL_STATUSES)) readonly status?: TerminalStatusName;
}
