import { describe, expect, it } from 'vitest';
import type { CircuitBreaker } from '../../src/core/breaker.js';
import { InvalidOptionError } from '../../src/core/errors.js';
import { setUp } from './breaker-setup.js';

function outcomes(breaker: CircuitBreaker, pattern: string): void {
  for (const outcome of pattern) {
    if (outcome === 'x') breaker.failed(breaker.pass);
    else breaker.succeeded(breaker.pass);
  }
}

describe('a closed breaker', () => {
  it('opens after as many failures in a row as it is told, and one success starts the count anew', () => {
    const { breaker, changes } = setUp({ consecutive: 3, minCalls: 100 });
    outcomes(breaker, 'xx.xx');
    expect(breaker.allows).toBe(true);
    outcomes(breaker, 'x');
    expect(breaker.allows).toBe(false);
    expect(changes).toEqual(['open: 3 failures in a row']);
  });

  it('opens at the failure rate, once there are enough calls to judge by', () => {
    const { breaker, changes } = setUp();
    outcomes(breaker, 'x.x.x.x.x');
    expect(breaker.allows).toBe(true);
    outcomes(breaker, '.');
    expect(breaker.allows).toBe(true);
    outcomes(breaker, 'x');
    expect(changes).toEqual(['open: 6 of 11 calls failed']);
  });

  it('stays closed below the failure rate', () => {
    const { breaker } = setUp();
    outcomes(breaker, '..x'.repeat(100));
    expect(breaker.allows).toBe(true);
  });

  it('forgets calls that have left the window', () => {
    const { breaker, clock } = setUp({ windowMs: 1_000, consecutive: 100 });
    outcomes(breaker, 'xxxxxxxxx');
    clock.advance(1_000);
    outcomes(breaker, '.....x');
    expect(breaker.allows).toBe(true);
    // The failures of the last second are kept: with these it is 6 of 12.
    clock.advance(500);
    outcomes(breaker, 'xxxxx');
    expect(breaker.allows).toBe(false);
  });
});

describe('an open breaker', () => {
  it('probes once after the cooldown, and closes when that succeeds', async () => {
    const { breaker, clock, probes, changes } = setUp();
    outcomes(breaker, 'xxxxx');
    expect(breaker.state).toEqual({ kind: 'open', until: clock.now() + 1_000, trips: 1 });
    clock.advance(999);
    expect(probes.begun).toBe(0);
    clock.advance(1);
    expect(probes.begun).toBe(1);
    expect(breaker.state).toEqual({ kind: 'half-open', trips: 1 });
    expect(breaker.allows).toBe(false);
    clock.advance(60_000);
    expect(probes.begun).toBe(1);
    await probes.succeed();
    expect(breaker.allows).toBe(true);
    expect(changes).toEqual(['open: 5 failures in a row', 'half-open: cooled down', 'closed: the probe succeeded']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('waits twice as long after each failed probe, up to the longest', async () => {
    const { breaker, clock, probes, changes } = setUp({ maxCooldownMs: 5_000 });
    breaker.trip('the connection is lost');
    for (const ms of [1_000, 2_000, 4_000, 5_000, 5_000]) {
      expect(breaker.state).toMatchObject({ kind: 'open', until: clock.now() + ms });
      clock.advance(ms);
      await probes.fail();
    }
    expect(changes.at(-1)).toBe('open: the probe failed: still down');
    clock.advance(5_000);
    await probes.succeed();
    breaker.trip('again');
    expect(breaker.state).toMatchObject({ until: clock.now() + 1_000, trips: 1 });
  });

  it('shortens the cooldown by up to half, at random', () => {
    const { breaker, clock } = setUp({ random: () => 0.999999 });
    breaker.trip('lost');
    expect((breaker.state as { until: number }).until - clock.now()).toBeCloseTo(500, 2);
  });

  it('takes a probe that throws for a failed one', async () => {
    const { breaker, clock } = setUp({
      probe: () => {
        throw new Error('at once');
      },
    });
    breaker.trip('lost');
    await clock.advanceAsync(1_000);
    expect(breaker.state).toMatchObject({ kind: 'open', trips: 2 });
  });

  it('starts with a clean window when it closes', async () => {
    const { breaker, probes } = setUp({ consecutive: 100 });
    outcomes(breaker, 'xxxxxxxxxx');
    breaker.probeNow();
    await probes.succeed();
    outcomes(breaker, 'xxxxxxxxx');
    expect(breaker.allows).toBe(true);
    outcomes(breaker, 'x');
    expect(breaker.allows).toBe(false);
  });
});

describe('outcomes of calls that began before the last change', () => {
  it('neither open nor close it, nor count towards anything', async () => {
    const { breaker, probes, clock } = setUp();
    const early = breaker.pass;
    breaker.trip('lost');
    breaker.succeeded(early);
    expect(breaker.allows).toBe(false);
    breaker.probeNow();
    breaker.succeeded(early);
    for (let i = 0; i < 20; i++) breaker.failed(early);
    expect(breaker.state.kind).toBe('half-open');
    await probes.succeed();
    for (let i = 0; i < 20; i++) breaker.failed(early);
    expect(breaker.allows).toBe(true);
    for (let i = 0; i < 4; i++) breaker.failed(breaker.pass);
    breaker.succeeded(early);
    breaker.failed(breaker.pass);
    expect(breaker.allows).toBe(false);
    expect(clock.pendingTimers).toBe(1);
  });
});

describe('probeNow', () => {
  it('does not wait for the cooldown, and takes its timer away', async () => {
    const { breaker, clock, probes } = setUp();
    breaker.trip('lost');
    breaker.probeNow();
    expect(probes.begun).toBe(1);
    expect(clock.pendingTimers).toBe(0);
    await probes.succeed();
    expect(breaker.allows).toBe(true);
    breaker.probeNow();
    expect(probes.begun).toBe(1);
  });

  it('while a probe runs: another follows if that one fails, none if it succeeds', async () => {
    const { breaker, probes } = setUp();
    breaker.trip('lost');
    breaker.probeNow();
    breaker.probeNow();
    breaker.probeNow();
    expect(probes.begun).toBe(1);
    await probes.fail();
    expect(probes.begun).toBe(2);
    expect(breaker.state).toEqual({ kind: 'half-open', trips: 2 });
    breaker.probeNow();
    await probes.succeed();
    expect(probes.begun).toBe(2);
    expect(breaker.allows).toBe(true);
  });
});

describe('trip', () => {
  it('while a probe runs: its success no longer closes the breaker, and no second one starts beside it', async () => {
    const { breaker, clock, probes } = setUp();
    breaker.trip('lost');
    breaker.probeNow();
    breaker.trip('lost again');
    expect(breaker.state).toMatchObject({ kind: 'open', trips: 2 });
    clock.advance(2_000);
    expect(probes.begun).toBe(1);
    await probes.succeed();
    expect(probes.begun).toBe(2);
    expect(breaker.allows).toBe(false);
    await probes.succeed();
    expect(breaker.allows).toBe(true);
    expect(probes.most).toBe(1);
  });

  it('changes nothing while it is open', () => {
    const { breaker, clock, changes } = setUp();
    breaker.trip('lost');
    const { state } = breaker;
    clock.advance(500);
    breaker.trip('lost again');
    expect(breaker.state).toBe(state);
    expect(changes).toEqual(['open: lost']);
  });
});

describe('close', () => {
  it('ends it for good', async () => {
    const { breaker, clock, probes, changes } = setUp();
    breaker.trip('lost');
    breaker.probeNow();
    breaker.close();
    await probes.succeed();
    breaker.probeNow();
    breaker.trip('lost');
    clock.advance(100_000);
    expect(probes.begun).toBe(1);
    expect(changes).toEqual(['open: lost', 'half-open: probed on request']);
    const other = setUp();
    other.breaker.trip('lost');
    other.breaker.close();
    expect(other.clock.pendingTimers).toBe(0);
  });

  it('comes before failures that would have opened it', () => {
    const { breaker, clock, changes } = setUp();
    breaker.close();
    outcomes(breaker, 'xxxxxxxxxxxx');
    expect(changes).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });
});

it('refuses bad options by name', () => {
  for (const bad of [
    { windowMs: 0 },
    { minCalls: 0 },
    { failureRate: 0 },
    { failureRate: 1.1 },
    { consecutive: Number.NaN },
    { cooldownMs: -1 },
    { maxCooldownMs: 10 },
  ]) {
    expect(() => setUp(bad)).toThrow(InvalidOptionError);
    expect(() => setUp(bad)).toThrow(Object.keys(bad)[0]!);
  }
});
