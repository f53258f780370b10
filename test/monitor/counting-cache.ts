/** Of a cache, what a monitor sees of it. */
export class CountingCache {
  hits = 0;
  misses = 0;

  read(isHit: boolean): 'hit' | 'miss' {
    if (isHit) this.hits++;
    else this.misses++;
    return isHit ? 'hit' : 'miss';
  }

  stats(): { hits: number; misses: number; entries: number; missReasons: Record<string, number> } {
    const { hits, misses } = this;
    return { hits, misses, entries: Math.min(1_000, misses), missReasons: { absent: misses } };
  }
}
