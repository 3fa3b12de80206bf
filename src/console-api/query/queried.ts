import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { getMetadataStorage, validateSync } from 'class-validator';
import { Clock, type Fault, pointerStep, type Problem, problem } from '@tax-control/protocol';
import { RequestRefused } from '../../http/request-refused.js';

/** Faults named in one answer. */
const FAULTS_MAX = 10;

type Parameters = new () => object;

/** What a query's class may say about its members together, after each was found well formed. */
export interface Judged {
  /** @param nowMs milliseconds since 1970 */
  judge(nowMs: number): Problem | null;
}

/**
 * Checks a query against the class of its parameter: `@Query(Queried) query: ReportParameters`. Unknown members are refused
 * (a filter that is misspelt must not widen a report), nothing is converted, and no fault quotes a value.
 */
@Injectable()
export class Queried implements PipeTransform {
  constructor(private readonly clock: Clock) {}

  transform(given: unknown, { metatype }: ArgumentMetadata): object {
    const type = metatype as Parameters;
    const query = new type();
    const known = membersOf(type);
    const members = Object.entries(given as Record<string, unknown>);
    const faults: Fault[] = [];
    for (const [name, value] of members) {
      if (known.has(name)) Reflect.set(query, name, value);
      else if (faults.length < FAULTS_MAX) faults.push({ pointer: pointerStep(name), detail: 'is not known' });
    }
    const errors = validateSync(query, { forbidUnknownValues: true, stopAtFirstError: true });
    for (const { property, constraints = {} } of errors)
      faults.push(...Object.values(constraints).map((detail) => ({ pointer: pointerStep(property), detail })));
    if (faults.length > 0)
      throw new RequestRefused(problem('invalid_request', { errors: faults.slice(0, FAULTS_MAX) }));
    const refusal = isJudged(query) ? query.judge(this.clock.now()) : null;
    if (refusal !== null) throw new RequestRefused(refusal);
    return query;
  }
}

function membersOf(type: Parameters): ReadonlySet<string> {
  const rules = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  return new Set(rules.map(({ propertyName }) => propertyName));
}

function isJudged(query: object): query is Judged {
  return 'judge' in query && typeof query.judge === 'function';
}
