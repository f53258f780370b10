/**
 * What may be said of a call's memory. `exclusive`: no other call that this manager watches ran in between, so the differences are its own,
 * as far as garbage and what nobody watches allow. `overlapped`: others ran, and the differences belong to all of them together. `retained`:
 * exclusive, and garbage was collected before and after: what is left is what it kept, its answer included.
 *
 * A call that ends before it returns has the thread to itself: nothing runs in between but what it calls, and that is part of it. One that ends
 * later (promises, streams) is exclusive when no watched call was running as it began, and none began before it ended. Calls that it makes
 * itself after its first wait are not told from others: a promise around a watched promise is overlapped, and so is that one.
 */
export type Attribution = 'exclusive' | 'overlapped' | 'retained';

/**
 * Memory before and after one call. Mb are 2^20 bytes; a difference is below 0 where memory was given back meanwhile. Before is after less
 * difference.
 */
export interface CallMemory {
  readonly name: string;
  readonly attribution: Attribution;
  /** By how much the heap in use has grown. Unless `retained`, garbage counts until it is collected. */
  readonly heapMb: number;
  /** By how much has grown what objects hold outside of the heap: buffers. */
  readonly externalMb: number;
  /**
   * By how much resident memory of the process has grown, all threads: lags behind what is freed. Read only for listeners of `call`: absent when
   * there was none as the call began.
   */
  readonly rssMb?: number;
  readonly heapAfterMb: number;
  readonly externalAfterMb: number;
  readonly rssAfterMb?: number;
  /**
   * Garbage collections of the whole heap that were told of during the call: they are told some event-loop turns late. Without one, the
   * difference of the heap is all that was allocated. Absent where nobody watches collections, for a call that ended before it
   * returned, and where collections were asked for (`retained`).
   */
  readonly majorCollections?: number;
  readonly ms: number;
  readonly failed: boolean;
  /** Whether heap and buffers together have grown by more than `warnAboveMb`. Of an overlapped call it says nothing about this one. */
  readonly isAboveWarning: boolean;
}
