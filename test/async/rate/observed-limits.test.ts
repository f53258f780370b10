import { describe, expect, it } from 'vitest';
import { LocalRateLimiter } from '../../../src/async/rate/local-rate-limiter.js';
import type { Reservation } from '../../../src/async/rate/rate-limiter.js';
import { ManualClock } from '../../manual-clock.js';

const NONE = Number.POSITIVE_INFINITY;

function setUp(limits: { requests?: number; tokens?: number; windowMs?: number } = {}) {
  const clock = new ManualClock();
  const limiter = new LocalRateLimiter(
    { requests: NONE, tokens: NONE, windowMs: 60_000, spread: false, ...limits },
    clock,
  );
  return { clock, limiter };
}

function startAll(limiter: LocalRateLimiter, tokens = 0, most = 5_000): Reservation[] {
  const started: Reservation[] = [];
  while (started.length < most) {
    const leave = limiter.reserve(tokens);
    if (typeof leave === 'number') break;
    started.push(leave);
  }
  return started;
}

/** One call whose response has these headers. */
function respond(limiter: LocalRateLimiter, headers: Record<string, string>, tokens = 0): void {
  const [call] = startAll(limiter, tokens, 1);
  limiter.observe(headers);
  call?.settle(tokens);
}

describe('limits that responses name', () => {
  it('hold where none was configured', () => {
    const { clock, limiter } = setUp();
    respond(limiter, { 'x-ratelimit-limit-requests': '10' });
    expect(startAll(limiter)).toHaveLength(9);
    const ms = limiter.reserve(0) as number;
    clock.advance(ms);
    expect(startAll(limiter)).toHaveLength(10);
  });

  it('hold a minute, and nothing longer: a longer window keeps its own limit', () => {
    const { clock, limiter } = setUp({ requests: 1_000, windowMs: 3_600_000 });
    respond(limiter, { 'x-ratelimit-limit-requests': '10' });
    const calls = startAll(limiter);
    expect(calls).toHaveLength(999);
    for (const call of calls) call.ended();
    clock.advance(3_601_000);
    respond(limiter, { 'x-ratelimit-limit-requests': '10', 'x-ratelimit-remaining-requests': '5' });
    expect(startAll(limiter)).toHaveLength(5);
    // 10 a minute, not 10 an hour.
    expect(limiter.reserve(0)).toBe(6_000);
  });

  it('lower a configured one, never raise it, and go up again with the service', () => {
    const { clock, limiter } = setUp({ requests: 20 });
    respond(limiter, { 'x-ratelimit-limit-requests': '5' });
    expect(startAll(limiter)).toHaveLength(4);
    limiter.observe({ 'x-ratelimit-limit-requests': '500' });
    expect(startAll(limiter)).toHaveLength(15);
    clock.advance(60_010);
    expect(startAll(limiter)).toHaveLength(20);
  });

  it('hold work back that others have used the limit up for, until it has filled up again', () => {
    const { clock, limiter } = setUp({ requests: 600 });
    respond(limiter, {
      'x-ratelimit-limit-requests': '600',
      'x-ratelimit-remaining-requests': '3',
      'x-ratelimit-reset-requests': '59.7s',
    });
    expect(startAll(limiter)).toHaveLength(3);
    // 10 a second.
    expect(limiter.reserve(0)).toBe(100);
    clock.advance(99);
    expect(limiter.reserve(0)).toBe(1);
    clock.advance(1);
    expect(startAll(limiter)).toHaveLength(1);
    clock.advance(1_000);
    expect(startAll(limiter)).toHaveLength(10);
  });

  it('wait for the whole of it where the limit fills up at once', () => {
    const { clock, limiter } = setUp();
    respond(limiter, { 'ratelimit-limit': '100', 'ratelimit-remaining': '0', 'ratelimit-reset': '30' });
    expect(limiter.reserve(0)).toBe(30_000);
    clock.advance(29_999);
    expect(limiter.reserve(0)).toBe(1);
    clock.advance(1);
    expect(startAll(limiter, 0, 500)).toHaveLength(500);
  });

  it('count tokens, those of a call that is settled too', () => {
    const { clock, limiter } = setUp();
    respond(limiter, {
      'x-ratelimit-limit-tokens': '6000',
      'x-ratelimit-remaining-tokens': '1000',
      'x-ratelimit-reset-tokens': '50s',
    });
    const [one] = startAll(limiter, 800, 1);
    expect(limiter.reserve(300)).toBeTypeOf('number');
    one!.settle(100);
    expect(startAll(limiter, 900)).toHaveLength(1);
    expect(limiter.reserve(100)).toBe(1_000);
    clock.advance(1_000);
    expect(startAll(limiter, 100)).toHaveLength(1);
  });

  it('hold calls without tokens back too while no tokens are left', () => {
    const { clock, limiter } = setUp();
    respond(limiter, {
      'x-ratelimit-limit-tokens': '6000',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '60s',
    });
    expect(limiter.reserve(0)).toBe(10);
    clock.advance(10);
    expect(startAll(limiter, 0, 3)).toHaveLength(3);
  });

  it('fill up as slowly as a distant reset says', () => {
    const { clock, limiter } = setUp();
    respond(limiter, {
      'x-ratelimit-limit-requests': '1000',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '10h',
    });
    // 100 an hour.
    expect(limiter.reserve(0)).toBe(36_000);
    clock.advance(36_000);
    expect(startAll(limiter)).toHaveLength(1);
  });

  it('say that nothing is left and not until when: until the configured limit has filled up', () => {
    const bucket = setUp({ requests: 60 });
    respond(bucket.limiter, { 'x-ratelimit-remaining-requests': '0' });
    expect(bucket.limiter.reserve(0)).toBe(1_000);
    const fixed = setUp({ requests: 60, windowMs: 30_000 });
    respond(fixed.limiter, { 'ratelimit-remaining': '0' });
    expect(fixed.limiter.reserve(0)).toBe(30_000);
    fixed.clock.advance(30_010);
    expect(startAll(fixed.limiter)).toHaveLength(60);
    const none = setUp();
    respond(none.limiter, { 'ratelimit-remaining': '0' });
    expect(startAll(none.limiter, 0, 100)).toHaveLength(100);
  });

  it('count the headers of one response once, however often they are shown', () => {
    const { limiter } = setUp();
    respond(limiter, { 'x-ratelimit-limit-requests': '600' });
    startAll(limiter, 0, 8);
    const headers = new Headers({ 'x-ratelimit-limit-requests': '600' });
    for (let i = 0; i < 3; i++) limiter.observe(headers);
    limiter.observe({
      'x-ratelimit-limit-requests': '600',
      'x-ratelimit-remaining-requests': '10',
      'x-ratelimit-reset-requests': '59s',
    });
    // Two of the eight were answered: six are not in the 10.
    expect(startAll(limiter)).toHaveLength(4);
  });

  it('count what the service could not know of yet: calls started after the one that is answered', () => {
    const { limiter } = setUp();
    const calls = startAll(limiter, 0, 8);
    limiter.observe({
      'x-ratelimit-limit-requests': '600',
      'x-ratelimit-remaining-requests': '10',
      'x-ratelimit-reset-requests': '59s',
    });
    calls[0]!.settle(0);
    expect(startAll(limiter)).toHaveLength(3);
  });

  it('are not loosened by an answer that comes late', () => {
    const { limiter } = setUp();
    const said = (remaining: number): Record<string, string> => ({
      'ratelimit-remaining': `${remaining}`,
      'ratelimit-reset': '30',
    });
    respond(limiter, said(2));
    respond(limiter, said(50));
    expect(startAll(limiter)).toHaveLength(1);
  });

  it('do not hold work back for ever where responses are not tied to calls', () => {
    const { clock, limiter } = setUp({ requests: 100 });
    for (let minute = 0; minute < 5; minute++) {
      expect(startAll(limiter).length).toBeGreaterThanOrEqual(90);
      clock.advance(60_010);
      limiter.observe({
        'x-ratelimit-limit-requests': '100',
        'x-ratelimit-remaining-requests': '100',
        'x-ratelimit-reset-requests': '0s',
      });
    }
  });

  it.each(['30d', '2999-01-01T00:00:00Z'])('do not believe a reset in %s for longer than an hour', (reset) => {
    const { clock, limiter } = setUp();
    respond(limiter, { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': reset });
    expect(limiter.reserve(0) as number).toBeLessThanOrEqual(3_600_000);
    clock.advance(3_600_000);
    expect(startAll(limiter, 0, 1)).toHaveLength(1);
  });

  it('leave a call that is larger than the service’s limit to the service, when nothing else runs', () => {
    const { clock, limiter } = setUp({ tokens: 10_000 });
    respond(limiter, { 'x-ratelimit-limit-tokens': '1000' }, 500);
    const ms = limiter.reserve(5_000) as number;
    clock.advance(ms);
    expect(startAll(limiter, 5_000)).toHaveLength(1);
  });

  it('change nothing where a response says nothing', () => {
    const { limiter } = setUp({ requests: 5 });
    respond(limiter, { 'content-type': 'text/plain' });
    respond(limiter, { 'x-ratelimit-remaining-requests': '2' });
    expect(startAll(limiter)).toHaveLength(3);
  });
});
