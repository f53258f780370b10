export * from './cache/index.js';
export { compose } from './core/compose.js';
