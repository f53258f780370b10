import { inject } from 'vitest';
import type { Packed } from './packed.js';

/** What the set-up of the package tests built, packed and installed. Throws with the build's own words if it could not. */
export function usePacked(): Packed {
  const packed = inject('packed');
  if ('failure' in packed) throw new Error(`The package could not be built, packed or installed: ${packed.failure}`);
  return packed;
}
