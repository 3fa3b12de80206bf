export * from './make-invoice.js';
