import { connectionFault } from '../database/connection-fault.js';

/** What the log says of an error. */
export interface ErrorDescription {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  /** Name of the constraint or table that a database error is about. */
  readonly about?: string;
  /** What whoever runs the server is to do about it, where the database said enough to know. */
  readonly advice?: string;
  /** Where it was thrown: frames only. */
  readonly stack?: readonly string[];
  readonly cause?: ErrorDescription;
}

/** A chain of causes longer than this is a loop, or of no use to a reader. */
const CAUSES_MAX = 5;
/** Classes of SQLSTATE whose messages quote the values that were refused: data exceptions. */
const QUOTING_STATE = /^22[0-9A-Z]{3}$/;

/** How Node.js quotes an argument that it does not take (ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE). */
const RECEIVED_VALUE = / Received .*$/su;

/**
 * Describes an error without what it may quote of people's data: of an error it takes name, code, message and stack only, never
 * the statement's parameters or the row; of a database's data exception not even the message.
 */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error)) return { name: typeof error, message: 'something was thrown that is no error' };
  const source = driverErrorOf(error) ?? error;
  const code = textOf(source, 'code');
  const about = textOf(source, 'constraint') ?? textOf(source, 'table');
  const advice = code === undefined ? undefined : connectionFault(source)?.advice;
  const stack = framesOf(error);
  return {
    name: error.name,
    message: messageOf(source, code),
    ...(code === undefined ? {} : { code }),
    ...(about === undefined ? {} : { about }),
    ...(advice === undefined ? {} : { advice }),
    ...(stack.length === 0 ? {} : { stack }),
    ...(error.cause === undefined || depth >= CAUSES_MAX ? {} : { cause: describeError(error.cause, depth + 1) }),
  };
}

function messageOf(error: Error, code: string | undefined): string {
  if (code !== undefined && QUOTING_STATE.test(code)) return 'the database refused a value';
  // "Unexpected token 'J', "Jane Doe" is not valid JSON", "Cannot convert Jane to a BigInt"
  if (error instanceof SyntaxError) return 'a text could not be read';
  return error.message.replace(RECEIVED_VALUE, '');
}

/** TypeORM's error repeats the driver's and adds statement and parameters. */
function driverErrorOf(error: Error): Error | undefined {
  return 'driverError' in error && error.driverError instanceof Error ? error.driverError : undefined;
}

function textOf(error: Error, name: string): string | undefined {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function framesOf(error: Error): string[] {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .map((line) => line.trim());
}
