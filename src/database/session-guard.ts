import type { ClientBase } from 'pg';
import { faultText } from './fault.js';
import { type Divergence, divergenceOf, keepNumbersAboveFloor, readIdentities } from './identity.js';
import { judgeWritable } from './judge-server.js';

/** Nothing may be done on this database before its numbers were moved on (or at all, on a standby). Later it may work. */
export class DatabaseNotRecovered extends Error {
  override readonly name = 'DatabaseNotRecovered';

  constructor(readonly reason: Divergence | 'standby') {
    super(sentenceOf(reason));
  }
}

/**
 * Looks at every new session of a pool before anybody may use it: one in another database than the recorded one is refused, and the recovery
 * begins. So whatever wants the database waits until the numbers have jumped. Sessions do not outlive a failover, so old ones need no look.
 */
export class SessionGuard {
  #recover: (() => Promise<void>) | undefined;
  #recovering: Promise<void> | undefined;
  #lastJump: number | null = null;

  /**
   * From now on sessions are compared. Before, at the start, the database may lack the tables for it.
   *
   * @param recover never rejects; asked again with the next session, if it did not succeed
   */
  watch(recover: () => Promise<void>): void {
    this.#recover = recover;
  }

  /**
   * First number behind the last jump of the numbers, as it was last heard of; null: they never jumped. What makes a jump necessary ends all
   * sessions, so that no answer is given behind it by another value; but for an older copy that a receipt gave away to another instance.
   */
  get lastJump(): number | null {
    return this.#lastJump;
  }

  jumped(lastJump: number | null): void {
    this.#lastJump = lastJump;
  }

  /** For the pool's `onConnect`. @throws DatabaseNotRecovered, or the driver's errors */
  readonly admit = async (client: ClientBase): Promise<void> => {
    const recover = this.#recover;
    if (recover === undefined) return;
    const { present, recorded, lastJump } = await readIdentities(client);
    if (present === null) throw new DatabaseNotRecovered('standby');
    const divergence = recorded === null ? 'other_tables' : divergenceOf(present, recorded);
    if (divergence === null) {
      this.jumped(lastJump);
      return keepNumbersAboveFloor(client);
    }
    this.#recovering ??= recover().finally(() => {
      this.#recovering = undefined;
    });
    throw new DatabaseNotRecovered(divergence);
  };

  /** Settles when no recovery is under way. */
  async idle(): Promise<void> {
    await this.#recovering;
  }
}

function sentenceOf(reason: Divergence | 'standby'): string {
  if (reason === 'standby') return judgeWritable({ in_recovery: true, read_only: 'on' }).map(faultText).join(' ');
  const what =
    reason === 'restarted'
      ? 'PostgreSQL was started anew, perhaps on an older copy of the data'
      : 'The database is another one than before (a failover, or a restored copy)';
  return `${what}. The server moves its numbers on before anything is issued.`;
}
