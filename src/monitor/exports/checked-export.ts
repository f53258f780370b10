import { InvalidOptionError } from '../../core/errors.js';
import { bucketOf, HIGHEST } from '../bucket-layout.js';
import { isUnit, UNITS, type Unit } from '../unit.js';
import { type BucketCounts, decodeHistogram } from './histogram-coding.js';

/** A series of an export that was looked through. */
export interface CheckedSeries extends BucketCounts {
  /** One text for equal name, unit and labels. */
  readonly key: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly unit: Unit;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

export interface CheckedExport {
  readonly source: string;
  readonly at: number;
  readonly series: readonly CheckedSeries[];
}

const MOST_SERIES = 20_000;
/** Of all series together: about 20 MB. It is 200 for each of 10,000 series. */
const MOST_BUCKETS = 2_000_000;
const LONGEST_NAME = 200;
const MOST_LABELS = 20;
const LONGEST_LABEL = 1_000;
/** How far the sum may lie outside of what count, smallest and largest value allow: bounds of merged values are known to 0.4 %. */
const TOLERANCE = 0.01;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Looks through what claims to be an export, whoever it came from, and unpacks it. Nothing of it is used before all of it was found good.
 *
 * @throws InvalidOptionError that names the first thing that is not as it must be
 */
export function checkExport(exported: unknown): CheckedExport {
  const { version, source, at, series } = fieldsOf('exported', exported);
  if (version !== 1) throw refused('exported.version', '1', version);
  if (!isText(source, LONGEST_NAME))
    throw refused('exported.source', `a string of 1 to ${LONGEST_NAME} characters`, source);
  if (!isPositive(at)) throw refused('exported.at', 'milliseconds since the epoch', at);
  if (!Array.isArray(series) || series.length > MOST_SERIES) {
    throw refused('exported.series', `a list of at most ${MOST_SERIES} series`, series);
  }
  const keys = new Set<string>();
  let buckets = 0;
  const checked = series.map((one: unknown, i) => {
    const good = checkSeries(`exported.series[${i}]`, one);
    if (keys.has(good.key)) throw refused(`exported.series[${i}]`, 'a series that is there once', good.name);
    keys.add(good.key);
    buckets += good.buckets.length;
    if (buckets > MOST_BUCKETS)
      throw refused('exported.series', `series of at most ${MOST_BUCKETS} buckets`, series.length);
    return good;
  });
  return { source, at, series: checked };
}

function checkSeries(at: string, one: unknown): CheckedSeries {
  const { name, labels, unit, count, sum, min, max, histogram } = fieldsOf(at, one);
  if (!isText(name, LONGEST_NAME)) throw refused(`${at}.name`, `a string of 1 to ${LONGEST_NAME} characters`, name);
  if (!isUnit(unit)) throw refused(`${at}.unit`, `one of ${Object.keys(UNITS).join(', ')}`, unit);
  if (!Number.isSafeInteger(count) || (count as number) < 1)
    throw refused(`${at}.count`, 'a whole number above 0', count);
  for (const [field, value] of Object.entries({ sum, min, max })) {
    if (!isPositive(value)) throw refused(`${at}.${field}`, 'a number, not negative', value);
  }
  const plain = checkLabels(`${at}.labels`, labels);
  const totals = { count: count as number, sum: sum as number, min: min as number, max: max as number };
  const counted = checkHistogram(`${at}.histogram`, histogram);
  if (!belong(totals, counted, UNITS[unit].steps)) {
    throw refused(at, 'a series whose count, sum, min and max are those of its histogram', name);
  }
  return { key: JSON.stringify([name, unit, Object.entries(plain)]), name, labels: plain, unit, ...totals, ...counted };
}

function checkLabels(at: string, labels: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(fieldsOf(at, labels)).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length > MOST_LABELS) throw refused(at, `at most ${MOST_LABELS} labels`, entries.length);
  for (const [name, value] of entries) {
    if (name === '__proto__' || !isText(name, LONGEST_NAME) || !isText(value, LONGEST_LABEL)) {
      throw refused(at, 'strings by name, none of them empty', `${name.slice(0, LONGEST_NAME)}: ${typeof value}`);
    }
  }
  return Object.fromEntries(entries) as Record<string, string>;
}

function checkHistogram(at: string, histogram: unknown): BucketCounts {
  if (typeof histogram !== 'string') throw refused(at, 'a histogram as export() writes it', histogram);
  try {
    return decodeHistogram(histogram);
  } catch (error) {
    throw refused(at, `a histogram as export() writes it (${(error as Error).message})`, histogram);
  }
}

/** Whether totals belong to the buckets. */
function belong(
  { count, sum, min, max }: Pick<CheckedSeries, 'count' | 'sum' | 'min' | 'max'>,
  { buckets, counts }: BucketCounts,
  steps: number,
): boolean {
  const counted = counts.reduce((total, n) => total + n, 0);
  const first = buckets[0] ?? -1;
  const last = buckets.at(-1) ?? -1;
  const bucketAt = (value: number): number => bucketOf(Math.min(HIGHEST, value * steps + 0.5));
  if (counted !== count || Math.abs(bucketAt(min) - first) > 1 || Math.abs(bucketAt(max) - last) > 1) return false;
  return min <= max && sum >= count * min * (1 - TOLERANCE) && sum <= count * max * (1 + TOLERANCE);
}

function fieldsOf(at: string, value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused(at, 'an object', value);
  return value as Fields;
}

function isText(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value !== '' && value.length <= longest;
}

function isPositive(value: unknown): value is number {
  return Number.isFinite(value) && (value as number) >= 0;
}

const SHOWN = 100;

/** Of a long text or list the error shows no more than its beginning. */
function refused(option: string, expected: string, received: unknown): InvalidOptionError {
  if (Array.isArray(received)) return new InvalidOptionError(option, expected, `${received.length} entries`);
  return new InvalidOptionError(option, expected, typeof received === 'string' ? received.slice(0, SHOWN) : received);
}
