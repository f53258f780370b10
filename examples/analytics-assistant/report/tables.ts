import type { Figures, ZeroRepetition } from '../measure/figures.ts';

export type Verdict = 'yes' | 'no' | 'not built yet' | '';

export interface TableRow {
  readonly label: string;
  readonly target: string;
  readonly cells: readonly string[];
  readonly met: Verdict;
}

/** A table both reports draw: the terminal and the page show the same rows. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
}

/** The success metrics of the strategy document (ADR-004). `met` speaks of the last column, hotpath. */
export function targetsTable(columns: readonly Figures[]): Table {
  const row = (
    label: string,
    cell: (figures: Figures) => string,
    target = '',
    holds?: (hotpath: Figures) => boolean,
  ): TableRow => {
    const hotpath = columns.at(-1);
    return { label, target, cells: columns.map(cell), met: holds && hotpath ? (holds(hotpath) ? 'yes' : 'no') : '' };
  };
  return {
    title: 'Targets (response times with the unscaled model; met: by hotpath)',
    columns: columns.map((figures) => figures.column),
    rows: [
      row('Response time P50', (f) => seconds(f.p50Ms)),
      row(
        'Response time P95',
        (f) => seconds(f.p95Ms),
        '<= 3 s',
        (f) => f.p95Ms <= 3_000,
      ),
      row('Response time P99', (f) => seconds(f.p99Ms)),
      row(
        'Requests per minute',
        (f) => f.perMinute.toFixed(0),
        '>= 100',
        (f) => f.perMinute >= 100,
      ),
      row('Model calls', (f) => count(f.model.calls)),
      row('Model calls refused (429)', (f) => count(f.model.rateLimited)),
      row('Tokens in / out', (f) => `${count(f.model.promptTokens)} / ${count(f.model.completionTokens)}`),
      row(
        'Hit rate, frequent intents',
        (f) => percent(f.hitRate),
        '> 90 %',
        (f) => f.hitRate > 0.9,
      ),
      row('SQL hit rate, frequent intents', (f) => percent(f.sqlHitRate)),
      row("Waited for another's call", (f) => count(f.joined)),
      row('SQL statements run', (f) => count(f.sqlRuns)),
      row('SQL time in all', (f) => seconds(f.sqlMs)),
      // Columns run different mixes of statements, so time per statement does not compare them.
      { label: 'Query time, same statements', target: '-50 %', cells: columns.map(() => ''), met: 'not built yet' },
      row(
        'Memory, peak of limit',
        (f) => percent(f.memory),
        '< 80 %',
        (f) => f.memory < 0.8,
      ),
      row('  heap / resident', (f) => `${megabytes(f.peakHeapBytes)} / ${megabytes(f.peakRssBytes)} MB`),
      row(
        'CPU, share of limit',
        (f) => percent(f.cpu),
        '< 80 %',
        (f) => f.cpu < 0.8,
      ),
    ],
  };
}

/** Each module of hotpath switched on alone. */
export function modulesTable(plain: Figures, modules: readonly Figures[], note: string): Table {
  const cells = (f: Figures) => [
    seconds(f.p50Ms),
    seconds(f.p95Ms),
    f.perMinute.toFixed(0),
    count(f.model.calls),
    percent(f.hitRate),
    seconds(f.sqlMs),
  ];
  return {
    title: `One module switched on alone${note}`,
    columns: ['P50', 'P95', 'per minute', 'model calls', 'hit rate', 'SQL time'],
    rows: [plain, ...modules].map((f) => ({ label: f.column, target: '', cells: cells(f), met: '' })),
  };
}

/** Nothing is ever asked twice: what does hotpath cost when it cannot help? */
export function zeroRepetitionTable(zero: ZeroRepetition): Table {
  const ms = (value: number) => `${value.toFixed(3)} ms`;
  return {
    title: `No repetition: ${zero.questions} questions, each asked once, plain and hotpath in turn`,
    columns: ['plain', 'hotpath', 'cost'],
    rows: [
      {
        label: 'Response time, mean',
        target: '<= 2 %',
        cells: [seconds(zero.plainMs), seconds(zero.hotpathMs), percent(zero.overhead, 3)],
        met: zero.overhead <= 0.02 ? 'yes' : 'no',
      },
      {
        label: 'Outside model and SQL, median',
        target: '',
        cells: [ms(zero.plainOwnMs), ms(zero.hotpathOwnMs), ms(zero.hotpathOwnMs - zero.plainOwnMs)],
        met: '',
      },
    ],
  };
}

export function seconds(ms: number): string {
  return ms < 10 ? `${ms.toFixed(2)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}

export function percent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)} %`;
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

function megabytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(0);
}
