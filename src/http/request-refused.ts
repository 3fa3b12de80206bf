import type { Problem } from '@tax-control/protocol';

/**
 * Carries a problem past the framework's guards and pipes, which know no other way to stop a request. Everything else
 * returns problems as values.
 */
export class RequestRefused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.code);
    this.name = 'RequestRefused';
  }
}
