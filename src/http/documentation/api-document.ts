import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { PUBLISHED_SCHEMAS } from './published-schemas.js';

/** Version of the wire: it is in the addresses (`/v1/…`) and changes with them alone. */
const WIRE_VERSION = '1';

const DESCRIPTION = `How tills get tax control codes, and how anybody checks one.

**Two listeners.** Calls under \`/v1\` and \`/.well-known/est\` go to the terminals' listener (mutual TLS with a certificate from
enrolment); everything else is on the public listener, where this page is. An address of one is not known to the other.

**Errors** are RFC 9457 problems. Switch on \`code\`; \`retry\` says what to do with the same bytes: \`same\`, \`later\` or \`never\`.
Every answer bears a \`request-id\`.

**An invoice** is a compact JWS, signed by the terminal (ES256; header exactly \`alg\`, \`typ: invoice+jws\`, \`x5t#S256\`); its payload is
described at [/schemas/invoice-1.json](/schemas/invoice-1.json). [/schemas](/schemas) lists all schemas.`;

/** Describes the routes of an application for makers of tills (OpenAPI 3.1). The operator's port is not in it. */
export function describeApi(application: INestApplication): OpenAPIObject {
  const frame = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Tax control server')
    .setDescription(DESCRIPTION)
    .setVersion(WIRE_VERSION)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .build();
  const document = SwaggerModule.createDocument(application, frame, { operationIdFactory: operationId });
  // Inside of the document they go by their place in it; under /schemas/ they have names of their own.
  const published = Object.entries(PUBLISHED_SCHEMAS).map(([name, { $id: _id, $schema: _dialect, ...schema }]) => [
    name,
    schema,
  ]);
  const schemas = { ...document.components?.schemas, ...(Object.fromEntries(published) as typeof PUBLISHED_SCHEMAS) };
  return { ...document, components: { ...document.components, schemas } };
}

/** Generators of clients make function names of it: `transactionLogStore`. */
function operationId(controller: string, method: string): string {
  const subject = controller.replace(/Controller$/, '');
  return `${subject.charAt(0).toLowerCase()}${subject.slice(1)}${method.charAt(0).toUpperCase()}${method.slice(1)}`;
}

/** Holds the document, which can be written only when every route is known: after the application's start. */
export class ApiDocument {
  #json: string | undefined;

  describe(application: INestApplication): void {
    this.#json = JSON.stringify(describeApi(application));
  }

  /** The document as JSON text. */
  get json(): string {
    if (this.#json === undefined) throw new Error('the application was not described before it began to listen');
    return this.#json;
  }
}
