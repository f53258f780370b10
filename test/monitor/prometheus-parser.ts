/** One sample of a parsed text. */
export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One metric of a parsed text. */
export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: ParsedSample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*/;
const HISTOGRAM_ENDINGS = ['_bucket', '_sum', '_count'];

/**
 * Reads text format 0.0.4, stricter than any server: HELP, TYPE and samples of a metric stand together in this order, nothing comes
 * twice, histograms are whole. Throws with the line that is wrong.
 */
export function parsePrometheus(text: string): Map<string, ParsedFamily> {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line has no line feed');
  const families = new Map<string, ParsedFamily>();
  const seen = new Set<string>();
  let help: { name: string; text: string } | undefined;
  let family: ParsedFamily | undefined;
  for (const line of text.split('\n').slice(0, -1)) {
    const fail = (why: string): never => {
      throw new Error(`${why}: ${JSON.stringify(line)}`);
    };
    if (line.startsWith('# HELP ')) {
      if (help !== undefined) fail('HELP after HELP');
      const rest = line.slice('# HELP '.length);
      const [name] = NAME.exec(rest) ?? fail('bad name');
      if (rest[name!.length] !== ' ' || /\\(?![\\n])/.test(rest.replace(/\\\\/g, ''))) fail('bad HELP');
      help = { name: name!, text: rest.slice(name!.length + 1) };
    } else if (line.startsWith('# TYPE ')) {
      const match = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? fail('bad TYPE');
      const name = match[1]!;
      if (help?.name !== name) fail('TYPE without its HELP');
      if (families.has(name)) fail('metric that comes twice');
      family = { name, type: match[2]!, help: help!.text, samples: [] };
      families.set(name, family);
      help = undefined;
    } else {
      const sample = parseSample(line, fail);
      if (family === undefined || help !== undefined || !belongs(sample.name, family))
        fail('sample outside of its metric');
      const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      if (seen.has(key)) fail('sample that comes twice');
      seen.add(key);
      family!.samples.push(sample);
    }
  }
  if (help !== undefined) throw new Error('HELP at the end');
  for (const one of families.values()) checkFamily(one, families);
  return families;
}

function parseSample(line: string, fail: (why: string) => never): ParsedSample {
  const [name] = NAME.exec(line) ?? fail('bad name');
  let rest = line.slice(name!.length);
  const labels: Record<string, string> = {};
  if (rest.startsWith('{')) {
    rest = rest.slice(1);
    while (!rest.startsWith('}')) {
      const [label] = LABEL.exec(rest) ?? fail('bad label');
      if (label!.startsWith('__') || Object.hasOwn(labels, label!)) fail(`label ${label}`);
      const quoted = /^="((?:[^"\\\n]|\\["\\n])*)"/.exec(rest.slice(label!.length)) ?? fail('bad value of a label');
      if (quoted[1] === '') fail('empty label');
      labels[label!] = quoted[1]!.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
      rest = rest.slice(label!.length + quoted[0].length);
      if (rest.startsWith(',') && !rest.startsWith(',}')) rest = rest.slice(1);
      else if (!rest.startsWith('}')) fail('bad end of a label');
    }
    rest = rest.slice(1);
  }
  if (!/^ (?:[-+]?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|Inf)|NaN)$/.test(rest)) fail('bad value');
  const value = Number(rest.trim().replace('Inf', 'Infinity'));
  return { name: name!, labels, value };
}

function belongs(sample: string, { name, type }: ParsedFamily): boolean {
  return type === 'histogram' ? HISTOGRAM_ENDINGS.some((ending) => sample === name + ending) : sample === name;
}

function checkFamily(family: ParsedFamily, all: ReadonlyMap<string, ParsedFamily>): void {
  if (family.samples.length === 0) throw new Error(`${family.name} has no samples`);
  if (family.type === 'counter') {
    for (const { value } of family.samples) if (!(value >= 0)) throw new Error(`counter ${family.name} of ${value}`);
  }
  if (family.type !== 'histogram') return;
  for (const ending of HISTOGRAM_ENDINGS) {
    if (all.has(family.name + ending)) throw new Error(`${family.name}${ending} is a metric and a sample of another`);
  }
  for (const histogram of histogramsOf(family)) checkHistogram(family.name, histogram);
}

/** A histogram with one set of labels. */
export interface ParsedHistogram {
  readonly labels: Readonly<Record<string, string>>;
  /** Cumulative, in the order of the text. */
  readonly buckets: { readonly le: number; readonly count: number }[];
  sum?: number;
  count?: number;
}

export function histogramsOf(family: ParsedFamily): ParsedHistogram[] {
  const all = new Map<string, ParsedHistogram>();
  for (const { name, labels, value } of family.samples) {
    const { le, ...own } = labels;
    const key = JSON.stringify(Object.entries(own).sort());
    const known: ParsedHistogram = all.get(key) ?? { labels: own, buckets: [] };
    all.set(key, known);
    if (name.endsWith('_bucket')) known.buckets.push({ le: Number(le!.replace('Inf', 'Infinity')), count: value });
    else if (name.endsWith('_sum')) known.sum = value;
    else known.count = value;
  }
  return [...all.values()];
}

function checkHistogram(name: string, { buckets, sum, count }: ParsedHistogram): void {
  const last = buckets.at(-1);
  if (last?.le !== Number.POSITIVE_INFINITY || last.count !== count) throw new Error(`${name}: +Inf is not the count`);
  if (sum === undefined || !Number.isFinite(sum)) throw new Error(`${name}: no sum`);
  for (const [i, { le, count: n }] of buckets.entries()) {
    const before = buckets[i - 1];
    if (before !== undefined && !(le > before.le && n >= before.count))
      throw new Error(`${name}: buckets at ${le} fall`);
  }
}
