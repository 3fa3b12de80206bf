import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { getMetadataStorage, validateSync, type ValidationError } from 'class-validator';
import { type Fault, pointerStep, problem } from '@tax-control/protocol';
import { RequestRefused } from './request-refused.js';

/** Faults named in one answer: enough to mend a request, too few to make an answer of megabytes out of one. */
const FAULTS_MAX = 10;

type Class = new () => object;

/** The members that a class has rules for: the only ones that a body may have. Looked up once for each class. */
const knownMembers = new Map<Class, ReadonlySet<string>>();

/**
 * Checks a request body against the class of its parameter: `@Body(Envelope) body: EchoEnvelope`. Unknown members are
 * refused, nothing is converted, and no fault quotes a value.
 */
@Injectable()
export class Envelope implements PipeTransform {
  transform(body: unknown, { metatype }: ArgumentMetadata): object {
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw refused([{ pointer: '', detail: 'must be a JSON object, sent as application/json' }]);
    const type = metatype as Class;
    const envelope = new type();
    // Member by member: names like `constructor` and `__proto__` would make another thing of the envelope.
    for (const name of membersOf(type))
      if (Object.hasOwn(body, name)) Reflect.set(envelope, name, Reflect.get(body, name));
    const errors = validateSync(envelope, { forbidUnknownValues: true, stopAtFirstError: true });
    const faults = [...unknownMembers(body, membersOf(type)), ...faultsOf(errors)];
    if (faults.length > 0) throw refused(faults);
    return envelope;
  }
}

function membersOf(type: Class): ReadonlySet<string> {
  const known = knownMembers.get(type);
  if (known !== undefined) return known;
  const rules = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  const members = new Set(rules.map(({ propertyName }) => propertyName));
  knownMembers.set(type, members);
  return members;
}

/** The first few of them: a body of a few megabytes may have hundreds of thousands. */
function unknownMembers(body: object, known: ReadonlySet<string>): Fault[] {
  const faults: Fault[] = [];
  for (const name of Object.keys(body)) {
    if (known.has(name)) continue;
    if (faults.push({ pointer: pointerStep(name), detail: 'is not known' }) === FAULTS_MAX) break;
  }
  return faults;
}

function refused(faults: readonly Fault[]): RequestRefused {
  return new RequestRefused(problem('invalid_request', { errors: faults.slice(0, FAULTS_MAX) }));
}

function faultsOf(errors: readonly ValidationError[], parent = ''): Fault[] {
  return errors.flatMap(({ property, constraints = {}, children = [] }) => {
    const pointer = `${parent}${pointerStep(property)}`;
    const own = Object.values(constraints).map((detail) => ({ pointer, detail }));
    return [...own, ...faultsOf(children, pointer)];
  });
}
