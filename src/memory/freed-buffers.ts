import type { MemoryReading } from './memory-usage.js';

/**
 * Knows how much resident memory is that of buffers which are gone. The allocator keeps what they had, for the next ones: resident memory then
 * stays where it was at their peak, and no trim brings it down. Taken for free is what buffers have had at their most and have no
 * more, as far as nothing else explains what is resident.
 */
export class FreedBuffers {
  #peakBytes = 0;

  /** @param isCalm - resident memory is low: what buffers had has been given back */
  bytes({ externalBytes, heapCommittedBytes, rssBytes }: MemoryReading, isCalm: boolean): number {
    this.#peakBytes = isCalm ? externalBytes : Math.max(this.#peakBytes, externalBytes);
    const unexplained = Math.max(0, rssBytes - heapCommittedBytes - externalBytes);
    return Math.min(this.#peakBytes - externalBytes, unexplained);
  }
}
