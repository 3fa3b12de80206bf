/** Everything of ours for trying out listens here only. */
export const LOOPBACK = '127.0.0.1';
