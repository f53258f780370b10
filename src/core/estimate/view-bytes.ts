import { ARRAY_BUFFER, INLINE_VIEW_BYTES, POOL_LOSS, VIEW } from './heap-sizes.js';
import type { Sizer } from './sizer.js';

/**
 * Bytes of a typed array, a `Buffer` or a `DataView`. A view on a part of a larger buffer keeps all of it alive and counts
 * with all of it, once; only the pool that `Buffer.from` cuts small buffers from is everybody's, and its share counts.
 */
export function viewBytes(view: ArrayBufferView, sizer: Sizer): number {
  const { byteLength } = view;
  // Asking such a small one for its buffer would make V8 build one outside.
  if (byteLength <= INLINE_VIEW_BYTES && view.byteOffset === 0) return VIEW + ARRAY_BUFFER + byteLength;
  const { buffer } = view;
  const whole = buffer.byteLength;
  if (whole > byteLength && whole === Buffer.poolSize && Buffer.isBuffer(view)) {
    return VIEW + Math.round(byteLength * POOL_LOSS);
  }
  return VIEW + (sizer.isNew(buffer) ? ARRAY_BUFFER + whole : 0);
}
