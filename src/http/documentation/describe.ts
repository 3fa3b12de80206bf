import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { type ProblemCode, PROBLEMS } from '@tax-control/protocol';
import { namedQuery, queryDecorators } from './query-members.js';
import { PROBLEM_MEDIA_TYPE } from '../send-problem.js';

/** A JSON Schema (2020-12, as OpenAPI 3.1 takes it), written `as const` or not. */
export type Schema = Readonly<Record<string, unknown>>;

/** A body and how it is written; JSON unless said otherwise. */
export interface DescribedBody {
  readonly description?: string;
  readonly schema: Schema;
  readonly mediaType?: string;
}

/**
 * What the documentation says of a route, beside what it has from the code.
 * @property query members of the query, where no class of the route's parameters tells them; each may be left out
 * @property answer of success; status 200 unless said otherwise
 * @property problems that this route answers with as a whole, beside those that any route may
 */
export interface RouteDescription {
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly body?: DescribedBody;
  readonly query?: Readonly<Record<string, string>>;
  readonly answer: DescribedBody & { readonly status?: number };
  readonly problems?: readonly ProblemCode[];
}

const JSON_MEDIA_TYPE = 'application/json';
/** What any route may answer with, for no fault of the request. */
const EVERYWHERE: readonly ProblemCode[] = ['internal_error', 'database_unavailable'];

/** Points at one of the schemas that the document carries (documentation.ts). */
export function schemaOf(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** Describes a route in the OpenAPI document. Types alone say too little there, and the compiler's metadata is not complete. */
export function Describe({
  tag,
  summary,
  description,
  body,
  answer,
  query = {},
  problems = [],
}: RouteDescription): MethodDecorator {
  const described = applyDecorators(
    ApiOperation({ tags: [tag], summary, ...(description === undefined ? {} : { description }) }),
    ...(body === undefined ? [] : bodyDecorators(body)),
    ApiResponse({ status: answer.status ?? 200, ...contentOf(answer) }),
    ...problemResponses([...problems, ...EVERYWHERE]),
  );
  return (controller, method, descriptor) => {
    described(controller, method, descriptor);
    for (const decorate of [...queryDecorators(controller, method), ...namedQuery(query)])
      decorate(controller, method, descriptor);
  };
}

/** The library takes a body's schema and its media type apart. */
function bodyDecorators({ description = '', schema, mediaType = JSON_MEDIA_TYPE }: DescribedBody): MethodDecorator[] {
  return [ApiConsumes(mediaType), ApiBody({ required: true, description, schema })];
}

function contentOf({ description = '', schema, mediaType = JSON_MEDIA_TYPE }: DescribedBody) {
  return { description, content: { [mediaType]: { schema } } };
}

/** One response for each status, naming its problems. */
function problemResponses(codes: readonly ProblemCode[]): MethodDecorator[] {
  const statuses = new Set(codes.map((code) => PROBLEMS[code].status));
  return [...statuses].map((status) => {
    const ofStatus = [...new Set(codes)].filter((code) => PROBLEMS[code].status === status);
    return ApiResponse({
      status,
      description: ofStatus.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('\n\n'),
      content: { [PROBLEM_MEDIA_TYPE]: { schema: schemaOf('Problem') } },
    });
  });
}
