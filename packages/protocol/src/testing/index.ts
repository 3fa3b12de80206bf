export { choosePort, isPortFree } from './choose-port.js';
export * from './make-invoice.js';
export { TestClock } from './test-clock.js';
export { tampered } from './tampered.js';
export * from './written.js';
