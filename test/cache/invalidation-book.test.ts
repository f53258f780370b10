import { describe, expect, it } from 'vitest';
import { innerKey } from '../../src/cache/cache-key.js';
import { CacheManager } from '../../src/cache/index.js';
import { InvalidationBook } from '../../src/cache/invalidation-book.js';
import { ManualClock } from '../manual-clock.js';

const NOW = 1_700_000_000_000;

function dependent(since: number, key = 'report:1', tags?: string[]) {
  return { key, tags, since };
}

describe('the sequence', () => {
  it('is microseconds, strictly rising while the clock stands still or steps back', () => {
    const book = new InvalidationBook(NOW);
    const first = book.next(NOW);
    expect(first).toBe(NOW * 1000 + 1);
    expect(book.next(NOW - 5_000)).toBe(first + 1);
    expect(book.next(NOW + 1)).toBe((NOW + 1) * 1000);
  });

  it('moves on to a number taken elsewhere, never back', () => {
    const book = new InvalidationBook(NOW);
    book.merge(NOW * 1000 + 500);
    book.merge(NOW * 1000);
    expect(book.current).toBe(NOW * 1000 + 500);
  });
});

describe('validity', () => {
  it('is lost to an invalidation after the load began, and only to that', () => {
    const book = new InvalidationBook(NOW);
    const before = book.current;
    const version = book.next(NOW);
    book.invalidateTags(['sales'], version, false);
    expect(book.invalidatedBy(dependent(before, 'k', ['other', 'sales']))).toBe('tag');
    expect(book.invalidatedBy(dependent(before, 'k', ['other']))).toBeUndefined();
    expect(book.invalidatedBy(dependent(version, 'k', ['sales']))).toBeUndefined();
  });

  it('knows prefixes of several lengths', () => {
    const book = new InvalidationBook(NOW);
    const before = book.current;
    book.invalidatePrefix('report:', book.next(NOW), false);
    book.invalidatePrefix('user:7:', book.next(NOW), false);
    expect(book.invalidatedBy(dependent(before, 'report:1'))).toBe('invalidated');
    expect(book.invalidatedBy(dependent(before, 'user:7:name'))).toBe('invalidated');
    expect(book.invalidatedBy(dependent(before, 'user:70'))).toBeUndefined();
    expect(book.invalidatedBy(dependent(before, 'report'))).toBeUndefined();
  });

  it('rather takes a hashed key too many than one too few', () => {
    const book = new InvalidationBook(NOW);
    const before = book.current;
    const long = innerKey(`report:${'x'.repeat(500)}`, '');
    book.invalidatePrefix(`report:${'x'.repeat(300)}`, book.next(NOW), false);
    expect(book.invalidatedBy(dependent(before, long))).toBe('invalidated');
    book.forgetUpTo(book.current);
    book.invalidatePrefix('report:y', book.next(NOW), false);
    expect(book.invalidatedBy(dependent(before, long))).toBeUndefined();
  });

  it('ends for everything with clear', () => {
    const book = new InvalidationBook(NOW);
    const before = book.current;
    book.clear(book.next(NOW));
    expect(book.invalidatedBy(dependent(before))).toBe('invalidated');
    expect(book.invalidatedBy(dependent(book.current))).toBeUndefined();
  });

  it('is not lost to a soft invalidation, which is told apart', () => {
    const book = new InvalidationBook(NOW);
    const before = book.current;
    const version = book.next(NOW);
    book.invalidateTags(['sales'], version, true);
    expect(book.invalidatedBy(dependent(before, 'k', ['sales']))).toBeUndefined();
    expect(book.softenedAt(dependent(before, 'k', ['sales']))).toBe(version);
    expect(book.softenedAt(dependent(version, 'k', ['sales']))).toBe(0);
  });
});

describe('the book of a cache', () => {
  it('does not grow with every tag ever invalidated, and forgets nothing that matters', async () => {
    const clock = new ManualClock();
    const cache = new CacheManager<number>({ clock, jitter: 0, earlyRefresh: 0 });
    let finish = (_: number): void => {};
    const answer = new Promise<number>((resolve) => {
      finish = resolve;
    });
    const slow = cache.getOrSet('slow', () => answer, { tags: ['tag:0'] });
    await cache.set('kept', 1, { tags: ['never'] });
    await cache.set('softened', 1, { tags: ['soft'], stale: '1h' });
    await cache.set('gone', 1, { tags: ['tag:1'] });
    await cache.invalidateTags(['soft'], { soft: true });
    for (let i = 0; i < 50_000; i++) await cache.invalidateTags([`tag:${i}`]);
    expect(await cache.get('gone')).toBeUndefined();
    expect(await cache.get('kept')).toBe(1);
    expect(await cache.getEntry('softened')).toMatchObject({ state: 'stale' });
    // The load began before all that: it must still be fenced.
    finish(7);
    expect(await slow).toBe(7);
    expect(await cache.get('slow')).toBeUndefined();
    // Nothing is under way any more: the next invalidations let go of the old ones.
    for (let i = 0; i < 150_000; i++) await cache.invalidateTags([`more:${i}`]);
    expect(cache.stats().versions).toBeLessThan(10_000);
  });
});

describe('loads that hang for ever', () => {
  it('do not keep every version there will ever be, and still never store what is old', async () => {
    const cache = new CacheManager<string>({ clock: new ManualClock(NOW) });
    let finish!: (value: string) => void;
    const waiting = cache.getOrSet('k', ({ tag }) => {
      tag('t0');
      return new Promise<string>((resolve) => {
        finish = resolve;
      });
    });
    for (let i = 0; i < 150_000; i++) void cache.invalidateTags([`t${i}`]);
    expect(cache.stats().versions).toBeLessThan(140_000);
    finish('old');
    expect(await waiting).toBe('old');
    expect(cache.peek('k')).toBeUndefined();
    expect(await cache.getOrSet('k', () => 'new')).toBe('new');
  });
});
