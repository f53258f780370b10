import { describe, expect, it } from 'vitest';
import { FlightLog } from '../../src/monitor/dashboard/client/flight-log.js';
import { timeOfDay } from '../../src/monitor/dashboard/client/moments.js';
import type { DashboardSnapshot } from '../../src/monitor/dashboard/snapshot.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const OPENED = 28_333_333 * MINUTE + 12 * SECOND;

/** What a page is sent at a moment: five minutes by 5 s, or the hour by minutes. */
function sent(at: number, inFlight: number, view: 'minutes' | 'hour' = 'minutes'): DashboardSnapshot {
  const demand = [0, 1, 2].map((ago) => ({
    at: Math.floor(at / MINUTE - ago) * MINUTE,
    ...{ ms: MINUTE, started: 0, ended: 0, inFlight: 10 + ago },
  }));
  const times =
    view === 'minutes' ? { windowMs: 5 * MINUTE, pointMs: 5 * SECOND } : { windowMs: 60 * MINUTE, pointMs: MINUTE };
  return { at, inFlight, demand, longestWindowMs: 60 * MINUTE, ...times } as unknown as DashboardSnapshot;
}

describe('requests in flight over time', () => {
  it('are what the page has seen, the most of each slot, and before that what the monitor keeps of each minute', () => {
    const log = new FlightLog();
    const minute = Math.floor(OPENED / MINUTE) * MINUTE;
    const points = [-MINUTE, -30 * SECOND, 0, 5 * SECOND, 10 * SECOND, 15 * SECOND].map((ms) => ({ at: minute + ms }));
    for (const [seconds, inFlight] of [
      [0, 3],
      [1, 7],
      [2, 2],
      [3, 4],
    ] as const) {
      log.read(sent(OPENED + seconds * SECOND, inFlight), points);
    }
    expect(log.read(sent(OPENED + 3 * SECOND, 4), points)).toEqual([11, null, 10, null, 7, 4]);
  });

  it('say from when on every point is known, as long as the chart reaches further back', () => {
    const log = new FlightLog();
    const noteAt = (at: number, view?: 'hour'): string => {
      log.read(sent(at, 1, view), []);
      return log.note(sent(at, 1, view));
    };
    const note = `In flight before ${timeOfDay(OPENED)}, when this page was opened: known every 1 min.`;
    expect(noteAt(OPENED)).toBe(note);
    expect(noteAt(OPENED + 5 * MINUTE - 1)).toBe(note);
    expect(noteAt(OPENED + 5 * MINUTE)).toBe('');
    // By minutes, what the monitor keeps is all that is shown.
    expect(noteAt(OPENED, 'hour')).toBe('');
  });
});
