import { describe, expect, it, vi } from 'vitest';
import { OutcomeUnknown } from '../database/transaction.js';
import type { AuthenticInvoice } from './authentic-invoice.js';
import { GroupCommit } from './group-commit.js';
import type { IssueOutcome } from './outcome.js';

const LIMITS = { listInvoicesMax: 3, listsInFlightMax: 1, listsMax: 2, queueInvoicesMax: 5, answerMs: 3_000 };

/** A named invoice; group commit looks at nothing of it but its size. */
function named(name: string, bytes = 1, terminalId = 'till'): AuthenticInvoice {
  return { invoice: { id: name, terminalId }, payload: Buffer.alloc(bytes) } as unknown as AuthenticInvoice;
}

/** An issuance whose commits end when the test says so. */
function heldIssuance() {
  const commits: { list: string[]; end: () => void; fail: (error: Error) => void }[] = [];
  let arrived: (() => void) | undefined;
  const issue = (list: readonly AuthenticInvoice[]): Promise<IssueOutcome[]> =>
    new Promise((resolve, reject) => {
      const end = () =>
        resolve(
          list.map((one) => ({
            result: { result: 'issued', receipt: one.invoice.id, warnings: [] },
            lastCounter: 1,
            newestKnown: true,
          })),
        );
      commits.push({ list: list.map(({ invoice }) => invoice.id), end, fail: reject });
      arrived?.();
    });
  const commit = async (index: number) => {
    while (commits.length <= index) await new Promise<void>((resolve) => (arrived = resolve));
    return commits[index]!;
  };
  return { issue, commit, commits };
}

function receipts(outcomes: (IssueOutcome | null)[]): unknown[] {
  return outcomes.map((outcome) => outcome && 'receipt' in outcome.result && outcome.result.receipt);
}

describe('GroupCommit', () => {
  it('makes one list of what arrived together, and the next of what came while it was committed', async () => {
    const { issue, commit } = heldIssuance();
    const group = new GroupCommit(issue, LIMITS);
    const first = [group.submit(named('a')), group.submit(named('b'))];
    const one = await commit(0);
    expect(one.list).toEqual(['a', 'b']);
    const second = ['c', 'd', 'e', 'f'].map((name) => group.submit(named(name)));
    one.end();
    expect(receipts(await Promise.all(first))).toEqual(['a', 'b']);
    const two = await commit(1);
    expect(two.list).toEqual(['c', 'd', 'e']);
    two.end();
    const three = await commit(2);
    expect(three.list).toEqual(['f']);
    three.end();
    expect(receipts(await Promise.all(second))).toEqual(['c', 'd', 'e', 'f']);
  });

  it('has no more lists in flight than it may', async () => {
    const { issue, commit, commits } = heldIssuance();
    const group = new GroupCommit(issue, { ...LIMITS, listInvoicesMax: 1, listsInFlightMax: 2 });
    const all = ['a', 'b', 'c'].map((name) => group.submit(named(name)));
    (await commit(1)).end();
    expect(commits.map(({ list }) => list)).toEqual([['a'], ['b']]);
    (await commit(2)).end();
    (await commit(0)).end();
    expect(receipts(await Promise.all(all))).toEqual(['a', 'b', 'c']);
  });

  it('lets the next list pass one that hangs, while there are sessions, and does not count it', async () => {
    const { issue, commit, commits } = heldIssuance();
    const group = new GroupCommit(issue, { ...LIMITS, listsMax: 2 });
    const hanging = group.submit(named('a'));
    const one = await commit(0);
    const next = group.submit(named('b'));
    await vi.waitUntil(() => group.listsOverdue === 1, { timeout: 60_000 });
    (await commit(1)).end();
    expect(receipts([await next])).toEqual(['b']);
    const another = group.submit(named('c'));
    const two = await commit(2);
    const waiting = group.submit(named('d'));
    await vi.waitUntil(() => group.listsOverdue === 2, { timeout: 60_000 });
    expect(commits).toHaveLength(3);
    expect(group.waitingSinceMs).toBeLessThan(performance.now());
    one.end();
    two.end();
    (await commit(3)).end();
    expect(receipts(await Promise.all([hanging, another, waiting]))).toEqual(['a', 'c', 'd']);
    expect(group.waitingSinceMs).toBeNull();
    expect(group.listsOverdue).toBe(0);
  });

  it('tells those in a list that nobody knows what became of it when it is in the database for too long', async () => {
    const { issue, commit } = heldIssuance();
    const group = new GroupCommit(issue, { ...LIMITS, answerMs: 300 });
    const waiting = group.submit(named('a'));
    const one = await commit(0);
    await expect(waiting).rejects.toBeInstanceOf(OutcomeUnknown);
    // Its session is still taken.
    expect(group.listsInFlight).toBe(1);
    one.end();
    await vi.waitUntil(() => group.listsInFlight === 0, { timeout: 60_000 });
  });

  it('turns away what finds the queue full, and takes it again when there is room', async () => {
    const { issue, commit } = heldIssuance();
    const group = new GroupCommit(issue, LIMITS);
    const busy = group.submit(named('a'));
    const one = await commit(0);
    const queued = ['b', 'c', 'd', 'e', 'f'].map((name) => group.submit(named(name)));
    expect(group.isFull).toBe(true);
    expect(group.load).toBe(1);
    expect(await group.submit(named('g'))).toBeNull();
    one.end();
    await busy;
    expect(group.isFull).toBe(false);
    (await commit(1)).end();
    (await commit(2)).end();
    expect(receipts(await Promise.all(queued))).toEqual(['b', 'c', 'd', 'e', 'f']);
    expect(group.load).toBe(0);
  });

  it('does not put many large invoices into one list, but always one', async () => {
    const { issue, commit } = heldIssuance();
    const group = new GroupCommit(issue, LIMITS);
    const all = [named('huge', 11_000_000), named('a', 6_000_000), named('b', 6_000_000)].map((one) =>
      group.submit(one),
    );
    for (const [index, name] of ['huge', 'a', 'b'].entries()) {
      const { list, end } = await commit(index);
      expect(list).toEqual([name]);
      end();
    }
    await Promise.all(all);
  });

  it('commits a long invoice by itself, one at a time, beside the list of the others', async () => {
    const { issue, commit, commits } = heldIssuance();
    const group = new GroupCommit(issue, LIMITS);
    const all = [named('long', 1_000_000), named('longer', 2_000_000), named('a'), named('b')].map((one) =>
      group.submit(one),
    );
    await commit(1);
    expect(new Set(commits.map(({ list }) => list.join()))).toEqual(new Set(['a,b', 'long']));
    for (const { end } of commits) end();
    const { list, end } = await commit(2);
    expect(list).toEqual(['longer']);
    end();
    await Promise.all(all);
  });

  it('lets terminals take turns, however much one of them has waiting', async () => {
    const { issue, commit } = heldIssuance();
    const group = new GroupCommit(issue, { ...LIMITS, queueInvoicesMax: 100 });
    const first = group.submit(named('first'));
    const one = await commit(0);
    const greedy = Array.from({ length: 9 }, (_, index) => group.submit(named(`greedy ${index}`, 4_000, 'greedy')));
    const modest = group.submit(named('modest', 4_000, 'modest'));
    one.end();
    await first;
    const { list } = await commit(1);
    expect(list).toContain('modest');
    for (let index = 1; index < 5; index += 1) (await commit(index)).end();
    await Promise.all([...greedy, modest]);
  });

  it('tells everybody in a list of its failure, and goes on', async () => {
    const { issue, commit } = heldIssuance();
    const group = new GroupCommit(issue, LIMITS);
    const failed = Promise.allSettled([group.submit(named('a')), group.submit(named('b'))]);
    const one = await commit(0);
    const next = group.submit(named('c'));
    one.fail(new Error('database away'));
    expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    (await commit(1)).end();
    expect(receipts([await next])).toEqual(['c']);
  });
});
