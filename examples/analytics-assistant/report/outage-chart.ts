import type { TwoWorkersRun } from '../two-workers/run.ts';

const WIDTH = 820;
const HEIGHT = 300;
const LEFT = 56;
const RIGHT = 16;
const TOP = 30;
const BOTTOM = 36;
const SHORTEST_MS = 0.1;

/** Each request as a dot, when it was asked and how long it took (logarithmic); the stop of Redis as a band. Inline SVG. */
export function outageChart(run: TwoWorkersRun): string {
  const { startedAt, endedAt, stoppedAt, resumedAt, workers } = run;
  const longest = Math.max(
    1_000,
    ...workers.flatMap(({ answered }) => answered.map((one) => one.endedAt - one.startedAt)),
  );
  const x = (at: number) => LEFT + ((at - startedAt) / (endedAt - startedAt)) * (WIDTH - LEFT - RIGHT);
  const height = (ms: number) => Math.log(Math.max(ms, SHORTEST_MS) / SHORTEST_MS) / Math.log(longest / SHORTEST_MS);
  const y = (ms: number) => TOP + (1 - height(ms)) * (HEIGHT - TOP - BOTTOM);

  const band =
    `<rect x="${x(stoppedAt)}" y="${TOP}" width="${x(resumedAt) - x(stoppedAt)}" height="${HEIGHT - TOP - BOTTOM}" fill="var(--line)"/>` +
    `<text x="${(x(stoppedAt) + x(resumedAt)) / 2}" y="${TOP - 10}" text-anchor="middle">Redis stopped</text>`;
  const levels = [0.1, 1, 10, 100, 1_000].map(
    (ms) =>
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(ms)}" y2="${y(ms)}" stroke="var(--line)"/>` +
      `<text x="${LEFT - 8}" y="${y(ms) + 4}" text-anchor="end">${ms < 1_000 ? `${ms} ms` : '1 s'}</text>`,
  );
  const seconds = Array.from({ length: Math.floor((endedAt - startedAt) / 1_000) + 1 }, (_, second) => second);
  const ticks = seconds
    .filter((second) => second % 2 === 0)
    .map(
      (second) =>
        `<text x="${x(startedAt + second * 1_000)}" y="${HEIGHT - 14}" text-anchor="middle">${second} s</text>`,
    );
  const changes = workers[0].changes.map(
    ({ calledAt }) =>
      `<line x1="${x(calledAt)}" x2="${x(calledAt)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}" stroke="var(--soft)" stroke-dasharray="4 4"/>`,
  );
  // One path a worker: a line of no length with a round cap is a dot.
  const dots = workers.map(({ answered }, worker) => {
    const path = answered.map(
      (one) => `M${x(one.startedAt).toFixed(1)} ${y(one.endedAt - one.startedAt).toFixed(1)}h0`,
    );
    return `<path d="${path.join('')}" stroke="var(--series-${worker + 1})" stroke-width="3" stroke-linecap="round" fill="none"/>`;
  });
  const legend = ['worker A', 'worker B', 'change of the data'].map((name, index) => {
    const left = LEFT + index * 90;
    const mark =
      index < 2
        ? `<circle cx="${left + 4}" cy="${TOP - 14}" r="4" fill="var(--series-${index + 1})"/>`
        : `<line x1="${left + 4}" x2="${left + 4}" y1="${TOP - 20}" y2="${TOP - 8}" stroke="var(--soft)" stroke-dasharray="4 4"/>`;
    return `${mark}<text x="${left + 14}" y="${TOP - 10}">${name}</text>`;
  });
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="When each request was asked and how long it took">
${[band, ...levels, ...ticks, ...changes, ...dots, ...legend].join('\n')}
</svg>`;
}
