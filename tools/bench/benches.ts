import type { Bench } from './bench.js';
import { connect } from './benches/connect.js';
import { idle } from './benches/idle.js';
import { instances } from './benches/instances.js';
import { issue } from './benches/issue.js';
import { latency } from './benches/latency.js';
import { reissue } from './benches/reissue.js';
import { storm } from './benches/storm.js';
import { till } from './benches/till.js';

/** Measured in one place, one after the other. Idle connections first, before the servers are warmed up: afterwards their heaps have room that hides what connections take. */
export const BENCHES: readonly Bench[] = [idle, issue, connect, reissue, latency, storm, till, instances];
