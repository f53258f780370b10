import { MB, type MemoryReading } from './memory-usage.js';

/** Of the process's limit the heap may have this much: buffers, code, stacks and other threads need the rest. */
const HEAP_SHARE = 0.75;
/** What is advised: enough room, and a figure one can remember. */
const ADVISED_SHARE = 0.6;

/** What its host should know about the limits of this process. Empty when there is nothing to say. */
export function memoryAdvice({ heapLimitBytes, limitBytes, limitSource }: MemoryReading): readonly string[] {
  if (limitBytes <= 0 || heapLimitBytes <= HEAP_SHARE * limitBytes) return [];
  const advised = Math.max(1, Math.floor((ADVISED_SHARE * limitBytes) / MB));
  return [
    `V8's heap may grow to ${mb(heapLimitBytes)} Mb, and the process may take ${mb(limitBytes)} Mb (${limitSource}): the system may end it before V8 collects. Start Node with --max-old-space-size=${advised}, or set gc: 'high'.`,
  ];
}

function mb(bytes: number): string {
  return (bytes / MB).toFixed(0);
}
