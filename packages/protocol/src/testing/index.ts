export * from './make-invoice.js';
export * from './written.js';
