import { cleanText } from './prometheus-labels.js';
import { type FamilyType, metricName, wordFor } from './prometheus-name.js';

/** How a second value for the same sample goes together with the first. */
type Combine = (a: number, b: number) => number;

const COMBINE: Readonly<Record<FamilyType, Combine>> = {
  counter: (a, b) => a + b,
  histogram: (a, b) => a + b,
  gauge: (_, last) => last,
};

/** One metric with all its samples. */
export class PrometheusFamily {
  readonly name: string;
  readonly #type: FamilyType;
  readonly #help: string;
  /** Values by what stands before them in the line: so no line comes twice. */
  readonly #samples = new Map<string, number>();

  constructor(name: string, type: FamilyType, help: string) {
    this.name = name;
    this.#type = type;
    this.#help = help;
  }

  /**
   * @param labels - as they are written, braces included; empty for none
   * @param ending - of the sample: `_bucket`, `_sum`
   */
  add(labels: string, value: number, ending = ''): void {
    const sample = `${this.name}${ending}${labels}`;
    const known = this.#samples.get(sample);
    this.#samples.set(sample, known === undefined ? value : COMBINE[this.#type](known, value));
  }

  /** The lines of the metric, each with its line feed; none without samples. */
  text(): string {
    if (this.#samples.size === 0) return '';
    const help = cleanText(this.#help).replace(/[\\\n]/g, (c) => (c === '\n' ? '\\n' : '\\\\'));
    let text = `# HELP ${this.name} ${help}\n# TYPE ${this.name} ${this.#type}\n`;
    for (const [sample, value] of this.#samples) text += `${sample} ${numberText(value)}\n`;
    return text;
  }
}

/** What a metric is to be called. */
export interface FamilyName {
  readonly words: readonly string[];
  readonly ending?: string | undefined;
  /** What kind of metric it is, in a word: to tell it apart from one of another kind that has its name. */
  readonly kind: string;
  /** What it is made of, its own alone: tells it apart from others of its kind. */
  readonly origin: string;
}

/** All metrics of a text. Gives out names, each one once, the names of samples included. */
export class PrometheusBook {
  readonly #prefix: string;
  readonly #families = new Map<string, PrometheusFamily>();
  /** The kind of metric that has a name. */
  readonly #taken = new Map<string, string>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** A metric whose name is fixed. To be made before all others. */
  fixed(name: string, type: FamilyType, help: string): PrometheusFamily {
    return this.#add({ origin: name, kind: '' }, this.#prefix + name, type, help);
  }

  /**
   * The metric of this origin, made when it is new. Where its name is taken by another kind of metric it gets its kind as another word;
   * by one of its own kind, a word made of its origin. So only the ones that share a name decide over it.
   */
  family(of: FamilyName, type: FamilyType, help: string): PrometheusFamily {
    const { words, ending, kind, origin } = of;
    const known = this.#families.get(origin);
    if (known !== undefined) return known;
    const named = (...more: string[]): string => metricName(this.#prefix, [...words, ...more], ending, type);
    let name = named();
    const owner = this.#ownerOf(name, type);
    if (owner !== undefined && owner !== kind) name = named(kind);
    for (let salt = ''; this.#ownerOf(name, type) !== undefined; salt += '+') name = named(wordFor(origin + salt));
    return this.#add(of, name, type, help);
  }

  text(): string {
    let text = '';
    for (const family of this.#families.values()) text += family.text();
    return text;
  }

  #add(
    { origin, kind }: Pick<FamilyName, 'origin' | 'kind'>,
    name: string,
    type: FamilyType,
    help: string,
  ): PrometheusFamily {
    const family = new PrometheusFamily(name, type, help);
    this.#families.set(origin, family);
    for (const sample of sampleNames(name, type)) this.#taken.set(sample, kind);
    return family;
  }

  #ownerOf(name: string, type: FamilyType): string | undefined {
    const taken = sampleNames(name, type).find((sample) => this.#taken.has(sample));
    return taken === undefined ? undefined : this.#taken.get(taken);
  }
}

/** The name of a metric must not be that of another one's sample either: parsers would take it for one. */
function sampleNames(name: string, type: FamilyType): string[] {
  return type === 'histogram' ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}
