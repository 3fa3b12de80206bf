import { type FailureCause, isProblemCode, PROBLEMS, type TillCause, TILL_CAUSES } from '@tax-control/protocol';

/** What a person at the till can do about a cause that only the till sees; where nothing is said, waiting is enough. */
const ADVICE: Readonly<Partial<Record<TillCause, string>>> = {
  name_not_resolved: 'Check the till’s network and its name server.',
  no_route: 'Check the till’s network cable or radio link.',
  tls_untrusted: 'Whoever answers is not the tax control server: tell the operator. Nothing was told to it.',
  tls_certificate_dates: 'Check the date and time of this till.',
  clock_wrong: 'Set the date and time of this till.',
  receipt_invalid: 'Tell the operator: an answer was not what the server signs.',
  certificate_not_enrolled: 'Enrol the till with an invitation of the operator.',
};

const PENDING = 'Tax control code pending: it comes by itself and appears in the feed.';

/** One or two sentences about a sale that waits: why, and who has to do what. */
export function adviceFor(cause: FailureCause, because: string | null = null): string {
  const { title, remedy } = sentences(cause);
  // A problem without words of its own repeats the catalogue's.
  const isSaid = because === null || because === title || because === remedy;
  const reason = isSaid ? '' : ` (${because})`;
  return [`${PENDING} ${title.slice(0, -1)}${reason}.`, remedy].filter((part) => part !== '').join(' ');
}

/** One sentence about a cause. */
export function titleOf(cause: FailureCause): string {
  return sentences(cause).title;
}

/** What to do about a cause; empty where waiting is enough. */
export function remedyOf(cause: FailureCause): string {
  return sentences(cause).remedy;
}

function sentences(cause: FailureCause): { readonly title: string; readonly remedy: string } {
  if (isProblemCode(cause)) return PROBLEMS[cause];
  return { title: TILL_CAUSES[cause].title, remedy: ADVICE[cause] ?? '' };
}
