import type { AloneFigures, Figures, ZeroRepetition } from '../measure/figures.ts';

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

/**
 * The success metrics of the strategy document (ADR-004): measured and judged by the monitor of each run. `met` speaks of the last
 * column, hotpath.
 */
export function targetsTable(columns: readonly Figures[]): Table {
  const row = (label: string, cell: (figures: Figures) => string): TableRow => {
    return { label, target: '', cells: columns.map(cell), met: '' };
  };
  const judged = (label: string, name: string, target: string, show: (actual: number) => string): TableRow => {
    const met = columns.at(-1)?.targets[name]?.met;
    return {
      ...row(label, ({ targets }) => {
        const actual = targets[name]?.actual;
        return actual === null || actual === undefined ? (targets[name]?.reason ?? '') : show(actual);
      }),
      target,
      met: met === true ? 'yes' : met === false ? 'no' : '',
    };
  };
  return {
    title: 'Targets (response times with the unscaled model; met: by hotpath)',
    columns: columns.map((figures) => figures.column),
    rows: [
      row('Response time P50', (f) => seconds(f.p50Ms)),
      judged('Response time P95', 'responseTimeP95', '<= 3 s', seconds),
      row('Response time P99', (f) => seconds(f.p99Ms)),
      judged('Requests per minute', 'requestsPerMinute', '>= 100', (actual) => actual.toFixed(0)),
      row('Model calls', (f) => count(f.model.calls)),
      row('Model calls refused (429)', (f) => count(f.model.rateLimited)),
      row('Tokens in / out', (f) => `${count(f.model.promptTokens)} / ${count(f.model.completionTokens)}`),
      judged('Hit rate, frequent intents', 'hitRate', '> 90 %', percent),
      row('SQL hit rate, frequent intents', (f) => percent(f.sqlHitRate)),
      row("Waited for another's call", (f) => count(f.joined)),
      row('SQL statements run', (f) => count(f.sqlRuns)),
      row('SQL time in all', (f) => seconds(f.sqlMs)),
      // Columns run different mixes of statements, so time per statement does not compare them.
      { label: 'Query time, same statements', target: '-50 %', cells: columns.map(() => ''), met: 'not built yet' },
      judged('Memory, peak of limit', 'memoryUsage', '< 80 %', percent),
      row('  heap / resident', (f) => `${megabytes(f.peakHeapBytes)} / ${megabytes(f.peakRssBytes)} MB`),
      judged('CPU, share of limit', 'cpuUsage', '< 80 %', percent),
    ],
  };
}

/** Each module of hotpath switched on alone, over the beginning of the stream. */
export function modulesTable(requests: number, rows: readonly AloneFigures[]): Table {
  const [plain] = rows;
  const cells = (f: AloneFigures) => [
    seconds(f.p50Ms),
    seconds(f.p95Ms),
    f.perMinute.toFixed(0),
    count(f.modelCalls),
    count(f.sqlRuns),
    `${f.ownMs.toFixed(3)} ms`,
    `${(f.ownMs - (plain?.ownMs ?? 0)).toFixed(3)} ms`,
  ];
  return {
    title: `One module switched on alone, the first ${requests} requests`,
    columns: ['P50', 'P95', 'per minute', 'model calls', 'SQL runs', 'outside model and SQL, median', 'cost'],
    rows: rows.map((f) => ({ label: f.column, target: '', cells: cells(f), met: '' })),
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
