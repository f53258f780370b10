import { type BreakerOptions, CircuitBreaker } from '../../src/core/breaker.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';

/** A probe that a test settles by hand. */
export class Probes {
  begun = 0;
  running = 0;
  most = 0;
  #settle: { resolve: () => void; reject: (error: Error) => void } | undefined;

  readonly probe = (): Promise<void> => {
    this.begun++;
    this.most = Math.max(this.most, ++this.running);
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  };

  async succeed(): Promise<void> {
    this.running--;
    this.#settle!.resolve();
    await flushMicrotasks();
  }

  async fail(): Promise<void> {
    this.running--;
    this.#settle!.reject(new Error('still down'));
    await flushMicrotasks();
  }
}

interface SetUp {
  readonly breaker: CircuitBreaker;
  readonly clock: ManualClock;
  readonly probes: Probes;
  readonly changes: readonly string[];
}

/** A breaker on a clock of its own. Without jitter unless told. */
export function setUp(options: Partial<BreakerOptions> = {}): SetUp {
  const clock = new ManualClock();
  const probes = new Probes();
  const changes: string[] = [];
  const breaker = new CircuitBreaker({
    clock,
    probe: probes.probe,
    random: () => 0,
    onChange: ({ kind }, reason) => changes.push(`${kind}: ${reason}`),
    ...options,
  });
  return { breaker, clock, probes, changes };
}
