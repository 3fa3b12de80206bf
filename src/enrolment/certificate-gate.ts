import type { GateLimits } from '../http/gate.js';

/**
 * Certificates that are issued at once. Each holds a session of the database, and waits in it for a lock of its terminal; sales need those
 * sessions. 150 connections of one till that renewed made a sale's look-up wait for 1.5 s. A till asks for one after the other.
 */
export const CERTIFICATE_GATE: GateLimits = { insideMax: 2, waitingMax: 128, holderMax: 16 };

/** A certificate takes some 20 ms; a till asks again long before its own ends. */
export const BUSY_RETRY_AFTER_MS = 2_000;
