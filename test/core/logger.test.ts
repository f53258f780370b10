import { describe, expect, it } from 'vitest';
import { type Logger, WarnOnce } from '../../src/core/logger.js';
import { ManualClock } from '../manual-clock.js';

function warnings(warn?: () => void) {
  const clock = new ManualClock();
  const logged: unknown[] = [];
  const nothing = (): void => {};
  const logger: Logger = {
    debug: nothing,
    info: nothing,
    error: nothing,
    warn: (data, message) => {
      logged.push([message, data]);
      warn?.();
    },
  };
  return { clock, logged, log: new WarnOnce(logger, clock) };
}

describe('WarnOnce', () => {
  it('warns once per topic and minute, and then says how many were held back', () => {
    const { clock, logged, log } = warnings();
    for (let i = 0; i < 4; i++) log.warn('redis', { i }, 'redis is down');
    clock.advance(59_999);
    log.warn('redis', { i: 4 }, 'redis is down');
    expect(logged).toEqual([['redis is down', { i: 0 }]]);
    clock.advance(1);
    log.warn('redis', { i: 5 }, 'redis is down');
    expect(logged[1]).toEqual(['redis is down', { i: 5, heldBack: 4 }]);
    clock.advance(60_000);
    log.warn('redis', { i: 6 }, 'redis is down');
    expect(logged[2]).toEqual(['redis is down', { i: 6 }]);
  });

  it('takes topics on their own', () => {
    const { logged, log } = warnings();
    log.warn('redis', {}, 'redis');
    log.warn('bus', {}, 'bus');
    expect(logged).toHaveLength(2);
  });

  it('is not broken by a logger that throws, and does not ask it again at once', () => {
    const { logged, log } = warnings(() => {
      throw new Error('disk full');
    });
    log.warn('redis', {}, 'redis');
    log.warn('redis', {}, 'redis');
    expect(logged).toHaveLength(1);
  });

  it('needs no logger', () => {
    expect(() => new WarnOnce(undefined, new ManualClock()).warn('redis', {}, 'redis')).not.toThrow();
  });

  it('remembers a bounded number of topics', () => {
    const { logged, log } = warnings();
    for (let i = 0; i < 1000; i++) log.warn(`topic ${i}`, {}, 'x');
    expect(logged).toHaveLength(1000);
    log.warn('topic 999', {}, 'x');
    expect(logged).toHaveLength(1000);
    log.warn('topic 0', {}, 'x');
    expect(logged).toHaveLength(1001);
  });
});
