import type { MemorySignal } from './memory-level.js';

/** How far back is looked, and at how many looks at most. */
const SPAN_MS = 30_000;
const MOST = 32;

interface Point {
  readonly at: number;
  readonly signal: MemorySignal;
  readonly bytes: number;
}

/** How fast what presses on its limit has been rising of late: the least-squares slope over the last looks, at most 30 s. */
export class RecentRise {
  #points: Point[] = [];

  add(at: number, signal: MemorySignal, bytes: number): void {
    const last = this.#points.at(-1);
    // Another signal is another figure, and a clock that was set back tells nothing. Resident memory and buffers are one.
    const isOther = last !== undefined && (isHeap(last.signal) !== isHeap(signal) || last.at > at);
    if (isOther) this.#points = [];
    this.#points.push({ at, signal, bytes });
    while (this.#points.length > MOST || at - this.#points[0]!.at > SPAN_MS) this.#points.shift();
  }

  /** Below 0 when it falls; 0 while fewer than three looks are known. */
  get bytesPerMs(): number {
    const points = this.#points;
    if (points.length < 3) return 0;
    const origin = points[0]!;
    let sumT = 0;
    let sumB = 0;
    for (const { at, bytes } of points) {
      sumT += at - origin.at;
      sumB += bytes - origin.bytes;
    }
    const meanT = sumT / points.length;
    const meanB = sumB / points.length;
    let products = 0;
    let squares = 0;
    for (const { at, bytes } of points) {
      const t = at - origin.at - meanT;
      products += t * (bytes - origin.bytes - meanB);
      squares += t * t;
    }
    return squares > 0 ? products / squares : 0;
  }
}

function isHeap(signal: MemorySignal): boolean {
  return signal === 'heap';
}
