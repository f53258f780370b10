/** A kind of value that services keep. `make` builds the n-th one as such a value comes about: nothing in it is shared. */
export interface Shape {
  readonly name: string;
  /** How many are made to weigh one. */
  readonly count: number;
  make(n: number): unknown;
}

class Session {
  readonly id: string;
  readonly since: Date;
  hits: number;
  score = 0.5;

  constructor(n: number) {
    this.id = text(24, n);
    this.since = new Date(1.7e12 + n);
    this.hits = n;
  }

  get busy(): boolean {
    return this.hits > 1000;
  }
}

export const SHAPES: readonly Shape[] = [
  { name: 'text, 2,000 characters of one byte', count: 2000, make: (n) => text(2000, n) },
  { name: 'text, 1,000 characters of two bytes', count: 2000, make: (n) => text(1000, n, '가나다라마바사') },
  { name: 'text, 2,000 characters, one of them a dash', count: 1000, make: (n) => withDash(2000, n) },
  { name: 'row of 8 columns', count: 10_000, make: row },
  { name: '100 rows of 8 columns', count: 150, make: (n) => parsed(rows(100, n)) },
  { name: 'nested hits: 20 x { score, doc: { title, tags } }', count: 500, make: (n) => parsed(hits(20, n)) },
  { name: 'number[], 1,536 fractions', count: 300, make: (n) => parsed(fractions(1536, n)) },
  {
    name: 'number[], 1,000 small integers',
    count: 500,
    make: (n) => parsed(Array.from({ length: 1000 }, (_, i) => n + i)),
  },
  { name: 'list of 100: fractions, null, text', count: 1000, make: (n) => parsed(mixed(100, n)) },
  { name: 'Float32Array, 1,536', count: 1000, make: (n) => Float32Array.from(fractions(1536, n)) },
  { name: 'Buffer of 200 bytes, pooled', count: 20_000, make: (n) => Buffer.from(text(200, n)) },
  { name: 'Buffer of 10 kB', count: 500, make: (n) => Buffer.alloc(10_000, n) },
  { name: 'class instance with a date', count: 10_000, make: (n) => new Session(n) },
  { name: 'Date', count: 30_000, make: (n) => new Date(1.7e12 + n) },
  { name: 'Map of 3', count: 10_000, make: (n) => new Map([0, 1, 2].map((i) => [text(12, n + i), i])) },
  { name: 'Map of 100 rows', count: 100, make: (n) => new Map(rows(100, n).map((each) => [text(16, each.id), each])) },
  {
    name: 'Set of 200 texts',
    count: 200,
    make: (n) => new Set(Array.from({ length: 200 }, (_, i) => text(20, n * 200 + i))),
  },
  { name: 'sparse array, 100 of 200,000', count: 500, make: (n) => sparse(100, n) },
  { name: 'flat pairs of 32: id, text', count: 300, make: (n) => pairs(16, n, idFirst) },
  { name: 'flat pairs of 640: text, id', count: 30, make: (n) => pairs(320, n, textFirst) },
  { name: 'flat triples of 90: id, text, fraction', count: 300, make: (n) => triples(30, n) },
  { name: 'new Array(2000), 3 of them set', count: 300, make: (n) => preallocated(2000, n) },
  { name: 'new Array(200,000), empty', count: 10, make: () => new Array(200_000) },
  { name: 'row of 8 columns as a driver fills one', count: 10_000, make: filled },
  { name: 'Map of 200, texts of 2 kB but in the first 16', count: 30, make: (n) => lateTexts(200, n) },
  { name: 'dictionary of 200 names', count: 200, make: (n) => dictionary(200, n) },
  { name: 'no prototype, 3 fields', count: 10_000, make: bare },
  {
    name: 'document, number[] embedding',
    count: 300,
    make: (n) => parsed({ ...document(n), embedding: fractions(1536, n) }),
  },
  {
    name: 'document, Float32Array embedding',
    count: 500,
    make: (n) => ({ ...parsed(document(n)), embedding: Float32Array.from(fractions(1536, n)) }),
  },
];

/** As a response or a row read from a store: objects of one shape, texts that are neither cut from nor glued to others. */
function parsed<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function text(length: number, n: number, letters = 'abcdefghij'): string {
  return parsed(`${n}:${letters.repeat(Math.ceil(length / letters.length))}`.slice(0, length));
}

function withDash(length: number, n: number): string {
  const at = (n * 37) % length;
  const letters = text(length, n);
  return parsed(`${letters.slice(0, at)}—${letters.slice(at + 1)}`);
}

function row(n: number) {
  return {
    id: n,
    name: text(5 + (n % 20), n),
    email: text(22, n),
    price: fraction(n),
    quantity: n % 100,
    active: n % 2 === 0,
    created: text(24, n),
    note: null,
  };
}

function rows(count: number, n: number) {
  return Array.from({ length: count }, (_, i) => row(n * count + i));
}

function hits(count: number, n: number) {
  const hit = (i: number) => ({
    score: fraction(i),
    doc: { id: text(12, i), title: text(30 + (i % 30), i), tags: [text(12, i), text(14, i + 1)] },
  });
  return { total: n, hits: Array.from({ length: count }, (_, i) => hit(n * count + i)) };
}

function document(n: number) {
  return {
    id: text(12, n),
    text: text(2000, n),
    metadata: { source: text(40, n), page: n, tags: [text(11, n), text(12, n), text(13, n)] },
  };
}

function fractions(count: number, n: number): number[] {
  return Array.from({ length: count }, (_, i) => fraction(n * count + i));
}

/** Between 0 and 1, and no whole number. */
function fraction(n: number): number {
  return ((n * 0.6180339887498949) % 1) + 1e-9;
}

function mixed(count: number, n: number): unknown[] {
  const kinds = [(i: number) => fraction(i), () => null, (i: number) => text(12, i)];
  return Array.from({ length: count }, (_, i) => kinds[i % kinds.length]!(n * count + i));
}

function sparse(count: number, n: number): number[] {
  const list: number[] = [];
  for (let i = 0; i < count; i++) list[i * 2000 + 1100 + (n % 900)] = i;
  return list;
}

function idFirst(id: string, body: string): unknown[] {
  return [id, body];
}

function textFirst(id: string, body: string): unknown[] {
  return [body, id];
}

function pairs(count: number, n: number, pair: (id: string, body: string) => unknown[]): unknown[] {
  return parsed(Array.from({ length: count }, (_, i) => pair(text(12, n * count + i), text(1000, i))).flat());
}

function triples(count: number, n: number): unknown[] {
  return parsed(Array.from({ length: count }, (_, i) => [text(12, n * count + i), text(400, i), fraction(i)]).flat());
}

function preallocated(length: number, n: number): number[] {
  const list = new Array<number>(length);
  for (const place of [5, 700, length >> 1]) list[place] = n;
  return list;
}

/** A copy of an empty row that is filled by the names of the columns. */
function filled(n: number): unknown {
  const values: Record<string, unknown> = row(n);
  const empty: Record<string, unknown> = {};
  for (const name of Object.keys(values)) empty[name] = null;
  const record = { ...empty };
  for (const [name, value] of Object.entries(parsed(values))) record[name] = value;
  return record;
}

function lateTexts(size: number, n: number): Map<number, unknown> {
  return new Map(Array.from({ length: size }, (_, i) => [i, i < 16 ? i : text(2000, n * size + i)]));
}

function dictionary(count: number, n: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < count; i++) counts[`user:${n}:${i}`] = i;
  return counts;
}

function bare(n: number): unknown {
  const record = Object.create(null) as Record<string, unknown>;
  record['id'] = n;
  record['name'] = text(20, n);
  record['rate'] = fraction(n);
  return record;
}
