import type { EvictionPolicy, PolicyLimits, PolicyNode } from './eviction-policy.js';

/** `memory: false`: holds nothing, and evicts nothing either. */
export function noPolicy<N extends PolicyNode>(_limits: PolicyLimits<N>): EvictionPolicy<N> {
  return {
    get: () => undefined,
    peek: () => undefined,
    set: () => {},
    delete: () => undefined,
    clear: () => {},
    evict: () => undefined,
    nodes: () => [].values(),
    size: 0,
    bytes: 0,
  };
}
