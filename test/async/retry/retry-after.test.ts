import { describe, expect, it } from 'vitest';
import { askedPauseMs, retryAfterMs } from '../../../src/async/retry/retry-after.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const asked = (headers: Record<string, string>, message = ''): number | undefined =>
  retryAfterMs(new Headers(headers), message, NOW);

describe('retry-after', () => {
  it.each([
    [{ 'retry-after': '20' }, 20_000],
    [{ 'retry-after': ' 1.5 ' }, 1_500],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': 'Sun, 01 Mar 2026 12:00:07 GMT' }, 7_000],
    [{ 'retry-after': 'Sun, 01 Mar 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after-ms': '634', 'retry-after': '1' }, 634],
    [{ 'retry-after-ms': 'soon', 'retry-after': '1' }, 1_000],
  ] as [Record<string, string>, number][])('%o is %d ms', (headers, ms) => {
    expect(asked(headers)).toBe(ms);
    // A plain object, with names as they come.
    const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));
    expect(retryAfterMs(upper, '', NOW)).toBe(ms);
  });

  it.each(['Sun, 01 Mar 2026 12:00:07 GMT', 'Sunday, 01-Mar-26 12:00:07 GMT', 'Sun Mar  1 12:00:07 2026'])(
    '%s is a date of HTTP',
    (date) => {
      expect(asked({ 'retry-after': date })).toBe(7_000);
    },
  );

  it.each([-120_000, 120_000])('counts by the clock of the service, %d ms beside ours', (skew) => {
    const date = new Date(NOW + skew).toUTCString();
    const until = new Date(NOW + skew + 30_000);
    expect(asked({ date, 'retry-after': until.toUTCString() })).toBe(30_000);
    expect(askedPauseMs({ Date: date, 'Retry-After': until.toUTCString() }, NOW)).toBe(30_000);
    const left = {
      'anthropic-ratelimit-tokens-remaining': '0',
      'anthropic-ratelimit-tokens-reset': until.toISOString(),
    };
    expect(asked({ date, ...left })).toBe(30_000);
    expect(asked({ date: 'soon', ...left })).toBe(Math.max(0, 30_000 + skew));
  });

  it.each(['-5', '', 'soon', '2 weeks', 'NaN', 'Infinity', '1e5', '9'.repeat(16), '13:99'])(
    '%j says nothing',
    (text) => {
      expect(asked({ 'retry-after': text })).toBeUndefined();
      expect(asked({ 'retry-after-ms': text })).toBeUndefined();
    },
  );

  it('says nothing without headers', () => {
    expect(retryAfterMs(undefined, '', NOW)).toBeUndefined();
  });
});

describe('resets of limits', () => {
  it.each([
    ['6s', 6_000],
    ['1m30s', 90_000],
    ['634ms', 634],
    ['2m59.56s', 179_560],
    ['1h2m3s', 3_723_000],
    ['1d', 86_400_000],
    ['30', 30_000],
    [String(NOW / 1_000 + 12), 12_000],
    [String(NOW + 12_500), 12_500],
    [String(NOW - 500), 0],
    ['2026-03-01T12:00:09Z', 9_000],
  ])('%s is %d ms', (reset, ms) => {
    expect(asked({ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': reset })).toBeCloseTo(ms, 6);
  });

  it.each(['soon', '6x', 's', '6s later', ''])('%j says nothing', (reset) => {
    expect(asked({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset })).toBeUndefined();
  });

  it('looks at those that have nothing left, and takes the latest', () => {
    const headers = {
      'x-ratelimit-remaining-requests': '12',
      'x-ratelimit-reset-requests': '50s',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '6s',
    };
    expect(asked(headers)).toBe(6_000);
    expect(asked({ ...headers, 'x-ratelimit-remaining-requests': '0' })).toBe(50_000);
    expect(asked({ ...headers, 'x-ratelimit-remaining-tokens': '1' })).toBeUndefined();
  });

  it('knows the names of Anthropic, of the IETF draft and of others', () => {
    const reset = '2026-03-01T12:00:30Z';
    for (const kind of ['requests', 'tokens', 'input-tokens', 'output-tokens']) {
      const of = `anthropic-ratelimit-${kind}`;
      expect(asked({ [`${of}-remaining`]: '0', [`${of}-reset`]: reset })).toBe(30_000);
    }
    expect(asked({ 'ratelimit-remaining': '0', 'ratelimit-reset': '7' })).toBe(7_000);
    expect(asked({ ratelimit: '"default";r=0;t=7' })).toBe(7_000);
    expect(asked({ ratelimit: '"default";r=1;t=7' })).toBeUndefined();
    expect(asked({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '7' })).toBe(7_000);
  });

  it('gives way to retry-after', () => {
    expect(asked({ 'retry-after': '1', 'ratelimit-remaining': '0', 'ratelimit-reset': '7' })).toBe(1_000);
  });
});

describe('messages', () => {
  it.each([
    ['Rate limit reached for gpt-4o. Please try again in 634ms. Visit https://example.com', 634],
    ['Please try again in 6.2s.', 6_200],
    ['Please try again in 1m30s.', 90_000],
    ['Please try again in 20 seconds', 20_000],
    ['Please retry after 7 seconds.', 7_000],
    ['* Please retry in 34.074824224s.', 34_074.824224],
    ['Try again in 1 hour and do not call us', 3_600_000],
    ['you may retry in a while. If not, try again in 2 minutes', 120_000],
  ])('%j is %d ms', (message, ms) => {
    expect(asked({}, message)).toBeCloseTo(ms, 6);
  });

  it.each(['', 'try again later', 'try again in 5 bananas', 'I waited 20 seconds', 'retry in -5s', 'country in 5s'])(
    '%j says nothing',
    (message) => {
      expect(asked({}, message)).toBeUndefined();
    },
  );

  it('gives way to headers, and a long one is read from its beginning only', () => {
    expect(asked({ 'retry-after': '1' }, 'try again in 5s')).toBe(1_000);
    expect(asked({}, `${' '.repeat(10_000)}try again in 5s`)).toBeUndefined();
    expect(asked({}, `try again in ${'1 '.repeat(100_000)}`)).toBeUndefined();
  });
});
