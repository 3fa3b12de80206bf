import type { FastifyReply } from 'fastify';
import type { Page } from './page.js';
import { PAGE_POLICY } from './style.js';

const MILLISECONDS_PER_SECOND = 1_000;

/** Answers with a page. It is about somebody's purchase: nobody keeps it, and no other site learns its address. */
export function sendPage(reply: FastifyReply, { status, language, body, retryAfterMs }: Page): void {
  if (retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(retryAfterMs / MILLISECONDS_PER_SECOND));
  void reply
    .code(status)
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-language': language,
      vary: 'accept-language',
      'content-security-policy': PAGE_POLICY,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
    })
    .send(body);
}
