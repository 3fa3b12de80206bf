import type { ClientBase, Pool } from 'pg';

/**
 * Lets the process outlive the loss of a session. The driver tells it as an event `error`, and one that nobody hears ends the process. The pool
 * hears it only while the session is idle: not while it is lent out, and not from the moment when it is handed to who waited for it until that
 * one gets it, though PostgreSQL's last word may come in one packet with the answer before. What was lost shows itself in the next statement.
 */
export function outliveLoss(session: ClientBase): void {
  session.on('error', ignore);
}

/** The same for all sessions of a pool, idle ones too. */
export function outliveLosses(pool: Pool): void {
  pool.on('error', ignore);
  pool.on('connect', outliveLoss);
}

function ignore(): void {}
