import { Controller, Get, Header, Param, Res, StreamableFile } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { type Problem, problem } from '@tax-control/protocol';
import { Listener } from '../listener.js';
import { ApiDocument } from './api-document.js';
import { SCHEMA_FILES, SCHEMA_INDEX } from './published-schemas.js';
import type { Schema } from './describe.js';
import { DOCUMENTATION_FILES, DOCUMENTATION_PAGE, DOCUMENTATION_SCRIPT } from './swagger-ui.js';

const JSON_UTF8 = 'application/json; charset=utf-8';
const HTML_UTF8 = 'text/html; charset=utf-8';
const SCRIPT_UTF8 = 'text/javascript; charset=utf-8';
/** Schemas and the page's assets change with a release; an hour is the longest that anybody reads yesterday's. */
const CACHE_AN_HOUR = 'public, max-age=3600';
/** The page loads nothing from elsewhere. The styles inside of Swagger UI's own pictures and elements are inline. */
const PAGE_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";

/** What makers of tills read: OpenAPI, its page, and the schemas. */
@ApiExcludeController()
@Listener('public')
@Controller()
export class DocumentationController {
  constructor(private readonly document: ApiDocument) {}

  @Get('openapi.json')
  @Header('content-type', JSON_UTF8)
  openApi(): string {
    return this.document.json;
  }

  @Get('docs')
  @Header('content-type', HTML_UTF8)
  @Header('content-security-policy', PAGE_POLICY)
  page(): string {
    return DOCUMENTATION_PAGE;
  }

  @Get('docs/start.js')
  @Header('content-type', SCRIPT_UTF8)
  script(): string {
    return DOCUMENTATION_SCRIPT;
  }

  @Get('docs/:file')
  @Header('cache-control', CACHE_AN_HOUR)
  file(@Param('file') name: string): StreamableFile | Problem {
    return DOCUMENTATION_FILES.open(name) ?? problem('not_found');
  }

  @Get('schemas')
  @Header('cache-control', CACHE_AN_HOUR)
  schemas(): typeof SCHEMA_INDEX {
    return SCHEMA_INDEX;
  }

  @Get('schemas/:file')
  @Header('cache-control', CACHE_AN_HOUR)
  schema(@Param('file') name: string, @Res({ passthrough: true }) reply: FastifyReply): Schema | Problem {
    const schema = SCHEMA_FILES.get(name);
    if (schema === undefined) return problem('not_found');
    reply.header('content-type', 'application/schema+json; charset=utf-8');
    return schema;
  }
}
