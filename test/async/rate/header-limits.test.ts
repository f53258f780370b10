import { describe, expect, it } from 'vitest';
import { headerLimits } from '../../../src/async/rate/header-limits.js';

const NOW = Date.parse('2026-11-22T12:00:00Z');

describe('what a response says of its limits', () => {
  it('is read as OpenAI writes it', () => {
    const said = headerLimits(
      new Headers({
        'x-ratelimit-limit-requests': '5000',
        'x-ratelimit-remaining-requests': '4999',
        'x-ratelimit-reset-requests': '12ms',
        'x-ratelimit-limit-tokens': '160000',
        'x-ratelimit-remaining-tokens': '159000',
        'x-ratelimit-reset-tokens': '1m30s',
      }),
      NOW,
    );
    expect(said).toEqual({
      requests: { limit: 5_000, remaining: 4_999, resetMs: 12, isContinuous: true },
      tokens: { limit: 160_000, remaining: 159_000, resetMs: 90_000, isContinuous: true },
    });
  });

  it('is read as Anthropic writes it, by the server’s own clock', () => {
    const said = headerLimits(
      {
        date: 'Sun, 22 Nov 2026 12:05:00 GMT',
        'Anthropic-Ratelimit-Requests-Limit': '50',
        'Anthropic-Ratelimit-Requests-Remaining': '0',
        'Anthropic-Ratelimit-Requests-Reset': '2026-11-22T12:05:30Z',
        'Anthropic-Ratelimit-Input-Tokens-Remaining': '1000',
      },
      NOW,
    );
    expect(said?.requests).toEqual({ limit: 50, remaining: 0, resetMs: 30_000, isContinuous: true });
    expect(said?.tokens).toMatchObject({ remaining: 1_000, limit: undefined, resetMs: undefined });
  });

  it.each([
    ['x-ratelimit', 'GitHub', `${NOW / 1_000 + 60}`],
    ['ratelimit', 'the IETF', '60'],
  ])('is read from %s-*, as %s has it: of a window that nobody names', (prefix, _, reset) => {
    const said = headerLimits(
      { [`${prefix}-limit`]: '100', [`${prefix}-remaining`]: '7', [`${prefix}-reset`]: reset },
      NOW,
    );
    expect(said).toEqual({
      requests: { limit: undefined, remaining: 7, resetMs: 60_000, isContinuous: false },
      tokens: undefined,
    });
  });

  it.each([
    ['"default";r=0;t=30', 0, 30_000],
    ['"hour;of,r=1";r=900;t=1800;pk=:cHI=:, "minute";r=4;t=12', 4, 12_000],
    ['default; r=3', 3, undefined],
  ])('is read from RateLimit: %s', (field, remaining, resetMs) => {
    expect(headerLimits({ RateLimit: field }, NOW)).toEqual({
      requests: { limit: undefined, remaining, resetMs, isContinuous: false },
      tokens: undefined,
    });
  });

  it.each([
    {},
    { ratelimit: '"default";q=5, r' },
    { ratelimit: '"r=0;t=30"' },
    { 'content-type': 'application/json' },
    { 'x-ratelimit-remaining-requests': 'many', 'x-ratelimit-limit-requests': '-1' },
    { 'x-ratelimit-remaining-requests': '' },
    { 'x-ratelimit-reset-requests': '5s' },
  ])('is nothing in %j', (headers) => {
    expect(headerLimits(headers, NOW)).toBeUndefined();
  });

  it('does not take a limit of 0 for one', () => {
    const said = headerLimits({ 'x-ratelimit-limit-tokens': '0', 'x-ratelimit-remaining-tokens': '0' }, NOW);
    expect(said?.tokens?.limit).toBeUndefined();
  });
});
