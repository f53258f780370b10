import type { AttachmentReading } from '../attachments/attachment-reading.js';
import type { PrometheusBook } from './prometheus-family.js';
import { labelText } from './prometheus-labels.js';
import { plural, wordsOf } from './prometheus-name.js';
import { unitOfName } from './prometheus-unit.js';

/** Tells a figure apart from the monitor's own of that name. */
const KIND = 'attached';

/**
 * Figures of what is attached, by kind: `cache_load_seconds_total{name}` for the counter `loadMs`, `cache_bytes{name}` for the gauge
 * `bytes`, `cache_misses_by_reason_total{name,reason}` for `missReasons`, `cache_remote_state{name,state}` with the value 1.
 */
export function addAttachments(book: PrometheusBook, readings: readonly AttachmentReading[]): void {
  // One metric after the other, and in an order that does not depend on what was attached first.
  const sorted = [...readings].sort((a, b) => (a.kind + a.name < b.kind + b.name ? -1 : 1));
  for (const reading of sorted) addCounters(book, reading);
  for (const reading of sorted) addGauges(book, reading);
  for (const reading of sorted) addReasons(book, reading);
  for (const reading of sorted) addStates(book, reading);
}

function addCounters(book: PrometheusBook, { kind, name, counters }: AttachmentReading): void {
  for (const [counter, value] of sortedEntries(counters)) {
    if (!(value >= 0)) continue;
    const { words, ending, scale } = unitOfName(withoutLast(wordsOf(counter), 'total'));
    const named = { words: [kind, ...words], ending, kind: KIND, origin: `counter ${kind} ${counter}` };
    const family = book.family(named, 'counter', `Running total ${counter} of each attached ${kind}.`);
    family.add(labelText([['name', name]]), value * scale);
  }
}

function addGauges(book: PrometheusBook, { kind, name, gauges }: AttachmentReading): void {
  for (const [gauge, value] of sortedEntries(gauges)) {
    const { words, ending, scale } = unitOfName(wordsOf(gauge));
    const named = { words: [kind, ...words], ending, kind: KIND, origin: `gauge ${kind} ${gauge}` };
    book
      .family(named, 'gauge', `Figure ${gauge} of each attached ${kind}.`)
      .add(labelText([['name', name]]), value * scale);
  }
}

function addReasons(book: PrometheusBook, { kind, name, reasons }: AttachmentReading): void {
  for (const [group, counts] of sortedEntries(reasons)) {
    const words = withoutLast(wordsOf(group), 'reasons');
    const last = words.pop();
    const named = {
      words: [kind, ...words, ...(last === undefined ? [] : [plural(last)]), 'by', 'reason'],
      ...{ kind: KIND, origin: `reasons ${kind} ${group}` },
    };
    const family = book.family(named, 'counter', `Counts of each attached ${kind} by reason, as in ${group}.`);
    for (const [reason, count] of sortedEntries(counts)) {
      if (count >= 0) family.add(labelText([...nameLabel(name), ['reason', reason]]), count);
    }
  }
}

function addStates(book: PrometheusBook, { kind, name, states }: AttachmentReading): void {
  for (const [what, state] of sortedEntries(states)) {
    const words = [kind, ...withoutLast(wordsOf(what), 'state'), 'state'];
    const named = { words, kind: KIND, origin: `state ${kind} ${what}` };
    const family = book.family(named, 'gauge', `1 for the state of ${what} that each attached ${kind} is in.`);
    family.add(labelText([...nameLabel(name), ['state', state]]), 1);
  }
}

function nameLabel(name: string): [string, string][] {
  return [['name', name]];
}

function withoutLast(words: string[], word: string): string[] {
  return words.at(-1) === word ? words.slice(0, -1) : words;
}

function sortedEntries<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
