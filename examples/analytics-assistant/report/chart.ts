import type { Figures } from '../measure/figures.ts';

const WIDTH = 820;
const HEIGHT = 280;
const LEFT = 48;
const RIGHT = 16;
const TOP = 16;
const BOTTOM = 36;
const TARGET_MS = 3_000;

/** Which share of the requests was answered within which time: one line a column, as inline SVG. */
export function responseTimeChart(columns: readonly Figures[]): string {
  const longest = Math.max(TARGET_MS, ...columns.map((figures) => figures.sortedMs.at(-1) ?? 0));
  const x = (ms: number) => LEFT + (ms / longest) * (WIDTH - LEFT - RIGHT);
  const y = (share: number) => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);

  const shares = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(share)}" y2="${y(share)}" stroke="var(--line)"/>` +
      `<text x="${LEFT - 8}" y="${y(share) + 4}" text-anchor="end">${share * 100} %</text>`,
  );
  const ticks = Array.from({ length: Math.floor(longest / 1_000) + 1 }, (_, second) => {
    return `<text x="${x(second * 1_000)}" y="${HEIGHT - 14}" text-anchor="middle">${second} s</text>`;
  });
  const target =
    `<line x1="${x(TARGET_MS)}" x2="${x(TARGET_MS)}" y1="${TOP}" y2="${y(0)}" stroke="var(--soft)" stroke-dasharray="4 4"/>` +
    `<text x="${x(TARGET_MS) + 6}" y="${y(0) - 8}">target: 95 % within 3 s</text>`;
  const lines = columns.map((figures, index) => {
    const points = figures.sortedMs.map((ms, rank) => {
      return `${x(ms).toFixed(1)},${y((rank + 1) / figures.sortedMs.length).toFixed(1)}`;
    });
    const color = `var(--series-${index})`;
    const legendY = TOP + 130 + index * 20;
    return (
      `<polyline points="${points.join(' ')}" fill="none" stroke="${color}" stroke-width="2" ${index === 1 ? 'stroke-dasharray="6 3"' : ''}/>` +
      `<line x1="${WIDTH - 150}" x2="${WIDTH - 126}" y1="${legendY - 4}" y2="${legendY - 4}" stroke="${color}" stroke-width="3"/>` +
      `<text x="${WIDTH - 118}" y="${legendY}">${figures.column}</text>`
    );
  });
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Share of requests answered within a time, by column">
${[...shares, ...ticks, target, ...lines].join('\n')}
</svg>`;
}
