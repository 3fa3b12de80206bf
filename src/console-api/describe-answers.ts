import type { ProblemCode } from '@tax-control/protocol';
import type { RouteDescription, Schema } from '../http/documentation/describe.js';

/** The console's part of the documentation. */
export const CONSOLE_TAG = 'Console';

const text = { type: 'string' } as const;

/** What every route of the console may refuse before it looks at what is asked. */
export const SIGNED_IN: readonly ProblemCode[] = ['sign_in_required', 'password_change_required', 'role_missing'];
/** And every report beside it. */
export const REPORT_PROBLEMS: readonly ProblemCode[] = [
  ...SIGNED_IN,
  'invalid_request',
  'zone_unknown',
  'period_backwards',
  'period_too_long',
  'too_many_steps',
  'page_out_of_reach',
  'export_running',
  'server_busy',
];

/** A page of rows, whose members are named here and typed in `@tax-control/protocol/console`. */
export function pageSchema(type: string, rowMembers: readonly string[]): Schema {
  return {
    type: 'object',
    required: ['items', 'page', 'pageSize', 'more', 'total'],
    properties: {
      items: { type: 'array', items: rowSchema(type, rowMembers) },
      page: { type: 'integer' },
      pageSize: { type: 'integer' },
      more: { type: 'boolean' },
      total: { type: ['integer', 'null'] },
    },
  };
}

/** An object of a type of `@tax-control/protocol/console`, with the names of its members. */
export function rowSchema(type: string, members: readonly string[]): Schema {
  return { title: type, type: 'object', properties: Object.fromEntries(members.map((name) => [name, {}])) };
}

export const REASON_SCHEMA: Schema = { ...text, description: 'Why; it goes into the audit trail.' };

/** Description of a table: JSON page by page, or all of it with `?format=csv`. */
export function describedTable(
  summary: string,
  type: string,
  rowMembers: readonly string[],
  problems: readonly ProblemCode[] = REPORT_PROBLEMS,
): RouteDescription {
  return {
    tag: CONSOLE_TAG,
    summary,
    description: `Rows are \`${type}\`. With \`format=csv\` all rows (at most 100,000) as CSV (RFC 4180, UTF-8 with byte order mark).`,
    answer: { schema: pageSchema(type, rowMembers) },
    problems,
  };
}

/** Description of a report that has several tables: JSON as a whole, or one of them as CSV. */
export function describedReport(
  summary: string,
  type: string,
  members: readonly string[],
  tables: readonly { readonly name: string }[],
): RouteDescription {
  const names = tables.map(({ name }) => `\`${name}\``).join(', ');
  return {
    tag: CONSOLE_TAG,
    summary,
    description: `The answer is \`${type}\`. With \`format=csv\` one of its tables, named by \`table\`: ${names}.`,
    answer: { schema: rowSchema(type, members) },
    problems: [...REPORT_PROBLEMS, 'table_unknown'],
  };
}

/** The members of a table's rows. */
export function headingsOf(rowColumns: readonly { readonly heading: string }[]): string[] {
  return rowColumns.map(({ heading }) => heading);
}
