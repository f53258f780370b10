import type { DashboardSnapshot } from '../snapshot.js';

/** A part of the page that shows a part of the snapshot. */
export interface Panel {
  show(snapshot: DashboardSnapshot): void;
}
