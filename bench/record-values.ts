import { seededRandom } from './service/workload.js';

/** Latencies of a service that is often answered from a cache: log-normal around 1.5 s, a third of them around 2 ms. */
export const RECORDED = 4_096;

/** Milliseconds, with fractions. */
export function recordedMs(): Float64Array {
  const random = seededRandom(11);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Float64Array.from({ length: RECORDED }, () =>
    random() < 0.33 ? 2 * Math.exp(normal() / 2) : 1_500 * Math.exp(0.7 * normal()),
  );
}

/** The same for recorders of integers. */
export function wholeMicroseconds(ms: Float64Array): number[] {
  return Array.from(ms, (value) => Math.floor(value * 1_000));
}
