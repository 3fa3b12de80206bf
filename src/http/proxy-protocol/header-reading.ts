/** Who connected to the balancer. */
export interface ProxiedClient {
  readonly address: string;
  readonly port: number;
}

/**
 * What the first bytes of a connection are. `client`: null where the balancer speaks for itself (a health check) or cannot
 * name whom it speaks for; `length`: bytes of the header, behind which TLS begins.
 */
export type HeaderReading =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'invalid'; readonly why: string }
  | { readonly kind: 'header'; readonly client: ProxiedClient | null; readonly length: number };
