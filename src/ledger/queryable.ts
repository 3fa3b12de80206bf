import type { ClientBase } from 'pg';

/** A client inside its transaction, or the pool: whatever runs one statement. */
export type Queryable = Pick<ClientBase, 'query'>;
