import type { Attack } from './attack.js';
import { hangingSession } from './attacks/hanging-session.js';
import { heldBodies } from './attacks/held-bodies.js';
import { lateLists } from './attacks/late-lists.js';
import { logUploads } from './attacks/log-uploads.js';
import { longInvoices } from './attacks/long-invoices.js';
import { refusedBodies } from './attacks/refused-bodies.js';
import { storm } from './attacks/storm.js';
import { unreadAnswers } from './attacks/unread-answers.js';

/** All of them, in the order in which they run. */
export const ATTACKS: readonly Attack[] = [
  heldBodies,
  logUploads,
  lateLists,
  longInvoices,
  refusedBodies,
  unreadAnswers,
  hangingSession,
  storm,
];
