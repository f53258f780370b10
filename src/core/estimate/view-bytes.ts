import { types } from 'node:util';
import { ARRAY_BUFFER, INLINE_VIEW_BYTES, POOL_LOSS, VIEW } from './heap-sizes.js';
import { bufferLength, intrinsics } from './intrinsics.js';
import type { Sizer } from './sizer.js';

/**
 * Bytes of a typed array, a `Buffer` or a `DataView`. A view on a part of a larger buffer keeps all of it alive and counts
 * with all of it, once; only the pool that `Buffer.from` cuts small buffers from is everybody's, and its share counts.
 */
export function viewBytes(view: ArrayBufferView, sizer: Sizer): number {
  const { typedLength, typedOffset, typedBuffer, dataBuffer } = intrinsics();
  if (!types.isTypedArray(view)) return VIEW + bufferBytes(dataBuffer.call(view), sizer);
  const byteLength = typedLength.call(view);
  // Asking such a small one for its buffer would make V8 build one outside.
  if (byteLength <= INLINE_VIEW_BYTES && typedOffset.call(view) === 0) return VIEW + ARRAY_BUFFER + byteLength;
  const buffer = typedBuffer.call(view);
  const whole = bufferLength(buffer);
  if (whole > byteLength && whole === Buffer.poolSize && Buffer.isBuffer(view)) {
    return VIEW + Math.round(byteLength * POOL_LOSS);
  }
  return VIEW + (sizer.isNew(buffer) ? ARRAY_BUFFER + whole : 0);
}

/** Bytes of a buffer behind something else, which counts once. */
export function bufferBytes(buffer: ArrayBufferLike, sizer: Sizer): number {
  return sizer.isNew(buffer) ? ARRAY_BUFFER + bufferLength(buffer) : 0;
}
