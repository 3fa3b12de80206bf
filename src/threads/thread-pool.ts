import { Piscina } from 'piscina';

/**
 * Flags of every thread. Node.js 20 aborts the whole process when a thread is ended while it loads an ES module by `require`, which is what
 * Piscina tries first. Without `require` of ES modules it goes on to `import`, which can be ended at any time.
 * Flags of this process are left out: a loader or a profiler is not for the threads.
 */
const THREAD_FLAGS = ['--no-experimental-require-module'];

type PoolOptions = Omit<
  NonNullable<ConstructorParameters<typeof Piscina>[0]>,
  'filename' | 'execArgv' | 'recordTiming'
>;

/**
 * A pool of threads that may be ended at any time, also while they load.
 *
 * @param module its default export does the work
 */
export function threadPool<Task, Result>(module: URL, options: PoolOptions): Piscina<Task, Result> {
  return new Piscina<Task, Result>({
    ...options,
    filename: compiled(module),
    execArgv: THREAD_FLAGS,
    recordTiming: false,
  });
}

/** A thread runs what the build made, also where the rest runs from its sources, in tests. */
function compiled({ href }: URL): string {
  return href.replace(/(?<!\/dist)\/src\/(?!.*\/src\/)/, '/dist/src/');
}
