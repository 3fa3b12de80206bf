/** Version of the invoice's schema, written into every invoice. */
export const INVOICE_SCHEMA_VERSION = 1;

/**
 * Extended key usage of the server's signing certificate (parameters, echo). A UUID-based OID (ITU-T X.667),
 * so that no terminal's certificate, which bears clientAuth only, can ever sign for the server.
 */
export const SIGNING_KEY_USAGE_OID = '2.25.189450283479131873521048120936457125377';
