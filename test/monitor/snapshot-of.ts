import { type DashboardView, defaultView } from '../../src/monitor/dashboard/dashboard-view.js';
import { type Abilities, LiveReading } from '../../src/monitor/dashboard/live-reading.js';
import type { DashboardSnapshot } from '../../src/monitor/dashboard/snapshot.js';
import type { MonitorReader } from '../../src/monitor/monitor-reader.js';

/**
 * What a page is sent at connect.
 *
 * @param view - by default five minutes of fine slots (five coarse ones) and the most-used names
 */
export function snapshotOf(
  reader: MonitorReader,
  view: DashboardView = defaultView(reader),
  can: Abilities = { profile: false, download: false },
): DashboardSnapshot {
  return new LiveReading(reader, can).snapshot(view);
}
