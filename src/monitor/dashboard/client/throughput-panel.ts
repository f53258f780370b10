import type { DashboardSnapshot, SeriesView } from '../snapshot.js';
import { element, setText } from './element.js';
import { emptyState, showOrEmpty } from './empty-state.js';
import { amount } from './figures.js';
import { FlightLog } from './flight-log.js';
import type { Panel } from './panel.js';
import { seriesFigure } from './thin-figure.js';
import { TimeChart } from './time-chart.js';

/** Requests of the operation that ended, a minute, and those under way. */
export function throughputPanel(aside: HTMLElement, body: HTMLElement): Panel {
  const chart = new TimeChart({
    name: 'Throughput',
    height: 170,
    lines: [
      { label: 'ended per minute', colour: 'green', shape: 'bars' },
      { label: 'in flight', colour: 'ink', shape: 'line', spans: true, rightUnit: 'count' },
    ],
  });
  const flights = new FlightLog();
  const empty = emptyState('No request has ended yet.');
  const note = element('p', { class: 'note' });
  const content = element('div', {}, chart.element, note);
  body.append(content, empty);
  return {
    show: (snapshot: DashboardSnapshot) => {
      const { series, operation, at, windowMs, inFlight } = snapshot;
      setText(aside, inFlight > 0 ? `${amount(inFlight)} in flight now` : 'nothing in flight');
      const timed = series.find(({ name }) => name === operation);
      showOrEmpty(content, empty, timed === undefined);
      if (!timed) return;
      chart.show({
        from: at - windowMs,
        to: at,
        at: timed.points.map((point) => point.at),
        values: [timed.points.map(perMinute), flights.read(snapshot, timed.points)],
        unit: 'count',
        whole: {
          moment: '',
          figures: [
            timed.stats.all ? seriesFigure(timed.stats.all, 'ratePerMinute', 'count') : amount(0),
            amount(inFlight),
          ],
        },
        marks: snapshot.marks,
      });
      setText(note, flights.note(snapshot));
      note.hidden = note.textContent === '';
    },
  };
}

/** The first moments of a slot would make wild rates of one request. */
function perMinute({ count, ms }: SeriesView['points'][number]): number | null {
  return ms < 1_000 ? null : (count * 60_000) / ms;
}
