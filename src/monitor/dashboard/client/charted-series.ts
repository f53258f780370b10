import type { DashboardSnapshot, SeriesView } from '../snapshot.js';
import type { Choices } from './choices.js';

/** The series that is charted: the one that was asked for; without one, the operation, or what is used most. */
export function chartedSeries({ series, operation }: DashboardSnapshot, { metric }: Choices): SeriesView | undefined {
  return (
    series.find(({ name }) => name === metric) ??
    series.find(({ name }) => name === operation) ??
    series.find(({ role }) => role !== 'process')
  );
}
