import type { Bench } from './bench.js';
import { connect } from './benches/connect.js';
import { idle } from './benches/idle.js';
import { instances } from './benches/instances.js';
import { issue } from './benches/issue.js';
import { latency } from './benches/latency.js';
import { reissue } from './benches/reissue.js';

/** Measured in one place, one after the other. */
export const BENCHES: readonly Bench[] = [issue, connect, reissue, latency, idle, instances];
