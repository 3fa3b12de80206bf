import { type Problem, problem } from '@tax-control/protocol';
import { CONSOLE_LIMITS, type PageQuery } from '@tax-control/protocol/console';
import { FormatParameters } from './format-parameters.js';
import type { Judged } from './queried.js';
import { MaybeOne } from './rules.js';
import { WHOLE_NUMBER_RULE } from './text-rules.js';

/** Which page of a table, or all of it as CSV. */
export class PageParameters extends FormatParameters implements Judged {
  @MaybeOne(WHOLE_NUMBER_RULE) readonly page?: string;
  @MaybeOne(WHOLE_NUMBER_RULE) readonly pageSize?: string;

  judge(_nowMs: number): Problem | null {
    return judgePage(this.pageQuery());
  }

  pageQuery(): PageQuery {
    return {
      page: Number(this.page ?? 1),
      pageSize: Number(this.pageSize ?? CONSOLE_LIMITS.pageSizeDefault),
    };
  }
}

/** Whether a page is small enough and within what paging reaches; the problem where it is not. */
export function judgePage({ page, pageSize }: PageQuery): Problem | null {
  if (pageSize > CONSOLE_LIMITS.pageSizeMax)
    return problem('page_out_of_reach', {
      detail: `A page has at most ${CONSOLE_LIMITS.pageSizeMax} rows; ask for fewer.`,
      allowed: CONSOLE_LIMITS.pageSizeMax,
    });
  if (page * pageSize > CONSOLE_LIMITS.pagedRowsMax)
    return problem('page_out_of_reach', { allowed: Math.floor(CONSOLE_LIMITS.pagedRowsMax / pageSize) });
  return null;
}
