import { describe, expect, it } from 'vitest';
import { type EstimateLimits, estimate } from '../../src/async/estimate.js';

const OPEN: EstimateLimits = {
  requests: Number.POSITIVE_INFINITY,
  tokens: Number.POSITIVE_INFINITY,
  windowMs: 60_000,
  isSpread: false,
  concurrency: 10,
  callMs: undefined,
};

const items = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('an estimate', () => {
  it('adds up tokens, and their cost by the million', async () => {
    const answer = await estimate(items(1_000), { tokens: (item) => item, price: 2 }, OPEN);
    expect(answer).toEqual({
      items: 1_000,
      requests: 1_000,
      tokens: 499_500,
      cost: 0.999,
      minutes: undefined,
      limitedBy: 'nothing known',
    });
  });

  it('takes a price of each item, and none at all', async () => {
    const price = (item: number, tokens: number) => item + tokens;
    expect(await estimate([1, 2], { tokens: () => 10, price }, OPEN)).toMatchObject({ cost: 23 });
    expect(await estimate([1, 2], { price: () => 0.5 }, OPEN)).toMatchObject({ cost: 1, tokens: 0 });
    expect(await estimate([1, 2], {}, OPEN)).toMatchObject({ cost: undefined });
  });

  it('knows that a window of calls starts at once', async () => {
    const limits = { ...OPEN, requests: 100 };
    expect(await estimate(items(100), {}, limits)).toMatchObject({ minutes: undefined, limitedBy: 'nothing known' });
    expect(await estimate(items(101), {}, limits)).toMatchObject({ minutes: 1, limitedBy: 'requests' });
    expect(await estimate(items(1_000), {}, limits)).toMatchObject({ minutes: 9, limitedBy: 'requests' });
    expect(await estimate(items(1_001), {}, { ...limits, isSpread: true })).toMatchObject({ minutes: 10 });
    expect(await estimate(items(101), {}, { ...limits, windowMs: 1_000 })).toMatchObject({ minutes: 1 / 60 });
  });

  it('counts calls, not items, where they go out in batches', async () => {
    const answer = await estimate(items(1_001), { batchSize: 10 }, { ...OPEN, requests: 100 });
    expect(answer).toMatchObject({ items: 1_001, requests: 101, minutes: 1 });
  });

  it('says which bound is met last', async () => {
    const tokens = () => 1_000;
    const limits = { ...OPEN, requests: 100, tokens: 20_000 };
    expect(await estimate(items(1_000), { tokens }, limits)).toMatchObject({ minutes: 49, limitedBy: 'tokens' });
    const slow = { ...limits, callMs: 60_000, concurrency: 2 };
    expect(await estimate(items(1_000), { tokens }, slow)).toMatchObject({ minutes: 500, limitedBy: 'concurrency' });
    const quick = { ...limits, callMs: 6_000 };
    expect(await estimate(items(1_000), { tokens }, quick)).toMatchObject({ minutes: 49.1, limitedBy: 'tokens' });
  });

  it('is nothing of nothing', async () => {
    const answer = await estimate([], { tokens: () => 1, price: 1 }, { ...OPEN, requests: 1, callMs: 5 });
    expect(answer).toMatchObject({ items: 0, requests: 0, tokens: 0, cost: 0, minutes: 0 });
  });

  it('reads an async source to its end', async () => {
    async function* source() {
      yield* [5, 6];
    }
    expect(await estimate(source(), { tokens: (item) => item }, OPEN)).toMatchObject({ items: 2, tokens: 11 });
  });

  it('lets others run while it reads a long array', async () => {
    let turns = 0;
    const count = setInterval(() => turns++, 0);
    await estimate(items(200_000), { tokens: () => 1 }, OPEN);
    clearInterval(count);
    expect(turns).toBeGreaterThan(0);
  });

  it('refuses what makes no sense, and names it', async () => {
    await expect(estimate([1], { price: 2 }, OPEN)).rejects.toThrow(/tokens must be given where price is of a million/);
    await expect(estimate([1], { tokens: () => Number.NaN }, OPEN)).rejects.toThrow(/tokens must be .*got NaN/);
    await expect(estimate([1], { tokens: () => -1 }, OPEN)).rejects.toThrow(/tokens must be/);
    await expect(estimate([1], { price: () => Number.POSITIVE_INFINITY }, OPEN)).rejects.toThrow(/price must be/);
    await expect(estimate([1], { tokens: () => 1, price: -1 }, OPEN)).rejects.toThrow(/price must be a number >= 0/);
    await expect(estimate([1], { batchSize: 0 }, OPEN)).rejects.toThrow(/batchSize must be an integer >= 1/);
    await expect(estimate([1], { token: () => 1 } as never, OPEN)).rejects.toThrow(/token must be absent/);
  });
});
