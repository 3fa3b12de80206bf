export * from './make-invoice.js';
export { tampered } from './tampered.js';
export * from './written.js';
