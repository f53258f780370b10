export * from './async/index.js';
export * from './cache/index.js';
export { compose } from './core/compose.js';
export * from './memory/index.js';
export * from './monitor/index.js';
