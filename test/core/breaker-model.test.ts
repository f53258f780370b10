import { expect, it } from 'vitest';
import type { BreakerState } from '../../src/core/breaker.js';
import { SeededRandom, seedOf } from '../random.js';
import { setUp } from './breaker-setup.js';

/** The same decisions made the plain way: a list of all outcomes, and the buckets computed from scratch. */
function opensByList(calls: readonly { at: number; failed: boolean }[], windowMs: number): boolean {
  const bucket = (at: number): number => Math.floor(at / (windowMs / 10));
  const newest = bucket(calls.at(-1)!.at);
  const inWindow = calls.filter(({ at }) => newest - bucket(at) < 10);
  const failures = inWindow.filter(({ failed }) => failed).length;
  const row = calls.length - 1 - calls.findLastIndex(({ failed }) => !failed);
  return calls.at(-1)!.failed && (row >= 5 || (inWindow.length >= 10 && failures >= 0.5 * inWindow.length));
}

it('opens exactly when a plain count of the same calls says so, and never breaks its invariants', async () => {
  const random = new SeededRandom(seedOf('breaker'));
  let opened = 0;
  for (let run = 0; run < 300; run++) {
    const states: BreakerState[] = [];
    const { breaker, clock, probes } = setUp({
      random: () => random.next(),
      onChange: (state) => states.push(state),
    });
    let calls: { at: number; failed: boolean }[] = [];
    const stalePasses: number[] = [breaker.pass];
    const failing = random.next();
    for (let step = 0; step < 80; step++) {
      if (random.chance(0.3)) clock.advance(random.below(random.chance(0.1) ? 25_000 : 800));
      if (random.chance(0.05)) breaker.trip('lost');
      if (random.chance(0.1)) breaker.probeNow();
      if (probes.running > 0 && random.chance(0.5)) await (random.chance(0.5) ? probes.succeed() : probes.fail());
      if (random.chance(0.1)) breaker.failed(random.pick(stalePasses) - 1);
      if (breaker.pass !== stalePasses.at(-1)) calls = [];
      if (!breaker.allows) {
        stalePasses.push(breaker.pass);
        // Open means a timer is armed, or a probe that a trip overtook must end first.
        if (breaker.state.kind === 'open') expect(clock.pendingTimers + probes.running).toBeGreaterThan(0);
        if (breaker.state.kind === 'half-open') expect(probes.running).toBe(1);
        continue;
      }
      stalePasses.push(breaker.pass);
      expect(clock.pendingTimers).toBe(0);
      const failed = random.chance(failing);
      calls.push({ at: clock.now(), failed });
      if (failed) breaker.failed(breaker.pass);
      else breaker.succeeded(breaker.pass);
      const opens = opensByList(calls, 10_000);
      expect(breaker.allows).toBe(!opens);
      if (opens) opened++;
    }
    expect(probes.most).toBeLessThanOrEqual(1);
    for (const [i, { kind }] of states.entries()) {
      if (kind !== 'open') expect(states[i - 1]?.kind).toBe(kind === 'half-open' ? 'open' : 'half-open');
    }
  }
  expect(opened).toBeGreaterThan(100);
});
