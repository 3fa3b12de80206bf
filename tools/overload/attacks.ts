import type { Attack } from './attack.js';
import { badHandshakes } from './attacks/bad-handshakes.js';
import { hangingSession } from './attacks/hanging-session.js';
import { heldBodies } from './attacks/held-bodies.js';
import { idleConnections } from './attacks/idle-connections.js';
import { lateLists } from './attacks/late-lists.js';
import { logUploads } from './attacks/log-uploads.js';
import { longInvoices } from './attacks/long-invoices.js';
import { refusedBodies } from './attacks/refused-bodies.js';
import { refusedInvoices } from './attacks/refused-invoices.js';
import { resetRequests } from './attacks/reset-requests.js';
import { slowRequests } from './attacks/slow-requests.js';
import { storm } from './attacks/storm.js';
import { unreadAnswers } from './attacks/unread-answers.js';
import { wrongSignIns } from './attacks/wrong-sign-ins.js';

/** All of them, in the order in which they run. */
export const ATTACKS: readonly Attack[] = [
  heldBodies,
  logUploads,
  lateLists,
  longInvoices,
  refusedBodies,
  refusedInvoices,
  unreadAnswers,
  idleConnections,
  slowRequests,
  resetRequests,
  badHandshakes,
  wrongSignIns,
  hangingSession,
  storm,
];
