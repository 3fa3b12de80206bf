/** The places that are tried. */
export type Target = 'terminals' | 'public' | 'operator' | 'agent';

/** A request as a client would send it; the body is JSON or any other text. */
export interface PlainRequest {
  readonly target: Target;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** The bytes of a request over HTTP/1.1, with the length of its body. */
export function bytesOf({ method, path, headers, body }: PlainRequest, host: string): Buffer {
  const head = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === null ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body ?? ''}`, 'utf8');
}
