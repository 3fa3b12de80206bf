import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { validateSync, type ValidationError } from 'class-validator';
import { type Fault, problem } from '@tax-control/protocol';
import { RequestRefused } from './request-refused.js';

/** Faults named in one answer: enough to mend a request, too few to make an answer of megabytes out of one. */
const FAULTS_MAX = 10;

type Class = new () => object;

/**
 * Checks a request body against the class of its parameter: `@Body(Envelope) body: EchoEnvelope`. Unknown members are
 * refused, nothing is converted, and no fault quotes a value.
 */
@Injectable()
export class Envelope implements PipeTransform {
  transform(body: unknown, { metatype }: ArgumentMetadata): object {
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw refused([{ pointer: '', detail: 'must be a JSON object, sent as application/json' }]);
    // Assigning it would change the envelope's class instead of being found unknown.
    if (Object.hasOwn(body, '__proto__')) throw refused([{ pointer: '/__proto__', detail: 'is not known' }]);
    const envelope = Object.assign(new (metatype as Class)(), body);
    const errors = validateSync(envelope, {
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      stopAtFirstError: true,
    });
    if (errors.length > 0) throw refused(faultsOf(errors));
    return envelope;
  }
}

function refused(faults: readonly Fault[]): RequestRefused {
  return new RequestRefused(problem('invalid_request', { errors: faults.slice(0, FAULTS_MAX) }));
}

function faultsOf(errors: readonly ValidationError[], parent = ''): Fault[] {
  return errors.flatMap(({ property, constraints = {}, children = [] }) => {
    const pointer = `${parent}/${property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const own = Object.entries(constraints).map(([rule, sentence]) => ({
      pointer,
      detail: rule === 'whitelistValidation' ? 'is not known' : sentence,
    }));
    return [...own, ...faultsOf(children, pointer)];
  });
}
