import { describe, expect, it } from 'vitest';
import { figure, moment, timeSpan } from '../../src/monitor/exports/figure.js';
import { reportOf } from '../../src/monitor/exports/report.js';
import { reportHtml } from '../../src/monitor/exports/report-html.js';
import { reportMarkdown } from '../../src/monitor/exports/report-markdown.js';
import { fullReader, ReaderDouble } from './reader-double.js';

const ATTACK =
  '</td><script>alert(1)</script> | [x](javascript:alert(1)) ![](http://evil.example/a.png) `x` *b* _i_ "q" \'s\' &amp;\n# h';

/** A report with the same text wherever a host, a user or a model has a say. */
function attacked(): ReturnType<typeof reportOf> {
  const reader = new ReaderDouble();
  const full = fullReader();
  reader.operation = ATTACK;
  reader.targetResults = { [ATTACK]: { ...full.targetResults['goodAnswers']!, reason: ATTACK } };
  reader.add(ATTACK, 'ms', [1, 2], { [ATTACK]: ATTACK, cache: 'hit', error: ATTACK });
  reader.add(`${ATTACK}_stage`, 'ms', [1], { stage: ATTACK });
  const [slow] = full.exemplars;
  reader.exemplars = [
    {
      ...slow!,
      name: ATTACK,
      labels: { [ATTACK]: ATTACK },
      metadata: { [ATTACK]: ATTACK },
      stages: [{ name: ATTACK, startMs: 0, ms: 1 }],
      error: ATTACK,
    },
  ];
  reader.alertStatuses = [{ ...full.alertStatuses[0]!, name: ATTACK, condition: ATTACK }];
  reader.markList = [{ name: ATTACK, at: 0, metadata: { [ATTACK]: ATTACK } }];
  reader.attachmentReadings = [
    {
      name: ATTACK,
      kind: 'cache',
      counters: { [ATTACK]: 1 },
      gauges: {},
      reasons: { [ATTACK]: { [ATTACK]: 1 } },
      states: { [ATTACK]: ATTACK },
    },
  ];
  reader.profileList = [
    {
      ...full.profileList[0]!,
      file: ATTACK,
      reason: ATTACK,
      top: [{ name: ATTACK, location: ATTACK, self: 1, share: 1 }],
    },
  ];
  return reportOf(reader);
}

describe('figures', () => {
  it.each([
    [0.4237, 'ms', '0.424 ms'],
    [845.2, 'ms', '845 ms'],
    [1_234, 'ms', '1.23 s'],
    [90_000, 'ms', '1.5 min'],
    [43_200_000, 'ms', '12 h'],
    [0.612, 'ratio', '61.2 %'],
    [0.9997, 'ratio', '99.97 %'],
    [1, 'ratio', '100 %'],
    [512, 'bytes', '512 B'],
    [2_097_152, 'bytes', '2 MiB'],
    [1_234_567, 'count', '1,234,567'],
    [0.00123, 'count', '0.00123'],
    [0, 'count', '0'],
    [10.25, 'perMinute', '10.3 / min'],
    [null, 'ms', 'no data'],
    [Number.NaN, 'ratio', 'no data'],
    [Number.POSITIVE_INFINITY, 'count', 'infinite'],
  ] as const)('%s in %s reads %s', (value, unit, text) => {
    expect(figure(value, unit)).toBe(text);
  });

  it('of time say what they are', () => {
    expect(timeSpan(3_600_000)).toBe('1 h');
    expect(moment(1_700_002_800_000)).toBe('2023-11-14 23:00:00 UTC');
    expect(moment(Number.NaN)).toBe('no time');
    expect(moment(Number.POSITIVE_INFINITY)).toBe('no time');
  });
});

describe('a report in Markdown', () => {
  const text = reportMarkdown(reportOf(fullReader()));

  it('is tables with figures in their units', () => {
    expect(text).toMatch(/^# Performance report\n/);
    expect(text).toContain('| responseTimeP95 | met | 2.74 s | at most 3 s | last 1 h | 615 |  |');
    expect(text).toContain('| cpuUsage | **missed** | 87 % | at most 80 % | last 1 h | 3 | few values |');
    expect(text).toContain('| slow answers | **firing** | critical | 2023-11-14 23:50:00 UTC | 3.41 s | request p95');
    expect(text).toContain('| prompt_bytes | 200 | 3.33 | 10.5 KiB |');
    expect(text).toContain('| resident memory | 312 MiB | 512 MiB (the container');
    expect(text).toContain('| request | TimeoutError | 12 | 1.95 % |');
  });

  it('says where there is no verdict, no data, or too little of it', () => {
    expect(text).toContain('| indexAge | no verdict | no data | not said | last 1 h | 0 | its function threw');
    expect(text).toContain(
      '| goodAnswers | no verdict | no data | at least 95 % | last 1 h | 0 | no values recorded |',
    );
    expect(text).toMatch(/\| cache: miss, error: HTTP 429 \| 3 \|.* s? ?\(few values\) \|/);
    expect(text).not.toMatch(/\bnull\b|\bundefined\b|\bNaN\b(?!, negative)/);
  });

  it('leaves out parts that have nothing to say', () => {
    const empty = reportMarkdown(reportOf(new ReaderDouble()));
    expect(empty.match(/^## .*/gm)).toEqual(['## Recording']);
  });

  it('has the same number of cells in every row of a table, whatever is in them', () => {
    for (const one of [text, reportMarkdown(attacked())]) {
      let cells = 0;
      for (const line of one.split('\n')) {
        const isRow = line.startsWith('|');
        const count = isRow ? line.replace(/\\./g, '').split('|').length : 0;
        if (isRow && cells > 0) expect([line, count]).toEqual([line, cells]);
        cells = count;
      }
    }
  });

  it('has no markup that came from outside', () => {
    const bare = reportMarkdown(attacked()).replace(/\\./g, '');
    expect(bare).not.toMatch(/<|!\[|\]\(|`|http:\/\/|\n# h/);
    expect(bare.match(/&(?!amp;|lt;|gt;)/g)).toBeNull();
    expect(bare).toContain('&amp;amp;');
    expect(bare.match(/^#+ /gm)!.every((head) => head !== '# ' || bare.startsWith(head))).toBe(true);
  });
});

describe('a report in HTML', () => {
  it('is one page without script or request, in light and dark', () => {
    const page = reportHtml(reportOf(fullReader()));
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).not.toMatch(/<script|<link|<img|<iframe|src=|href=|@import|url\(|\son\w+=/i);
    expect(page).toContain("default-src 'none'");
    expect(page).toContain('prefers-color-scheme: dark');
    expect(page).toContain(
      '<td>responseTimeP95</td><td><span class="good">met</span></td><td class="figure">2.74 s</td>',
    );
  });

  it('has no tag and no attribute that came from outside', () => {
    const tags = (page: string): string[] =>
      [...new Set(page.match(/<[^>]*>/g))].filter((tag) => !tag.includes('aria-label'));
    const own = new Set(tags(reportHtml(reportOf(fullReader()))));
    const page = reportHtml(attacked());
    expect(tags(page).filter((tag) => !own.has(tag))).toEqual([]);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    for (const [, label] of page.matchAll(/aria-label=("[^"]*"[^>]*)>/g)) {
      expect(label).toMatch(/^"[^"<>]*" tabindex="0"$/);
    }
  });

  it('has every table that the Markdown has', () => {
    const report = reportOf(fullReader());
    const tables = reportMarkdown(report).match(/^\|(?: -{3}:? \|)+$/gm)!.length;
    expect(reportHtml(report).match(/<table>/g)).toHaveLength(tables);
    expect(tables).toBeGreaterThan(15);
  });
});
