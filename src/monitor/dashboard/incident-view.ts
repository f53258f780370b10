import type { AlertEvent } from '../alerts/alert-event.js';
import type { IncidentView } from './snapshot.js';

const MOST_INCIDENTS = 10;

/**
 * Incidents as the page lists them: those that are over, newest first. What fires is an alert there; requests and paths of profiles
 * are left out.
 *
 * @param incidents - oldest first, by their beginning
 */
export function incidentViews(incidents: readonly AlertEvent[]): readonly IncidentView[] {
  const over = incidents.flatMap(({ incident, name, severity, condition, worst, unit, startedAt, resolvedAt }) =>
    resolvedAt === undefined ? [] : [{ incident, name, severity, condition, worst, unit, startedAt, resolvedAt }],
  );
  return over.sort((a, b) => b.resolvedAt - a.resolvedAt).slice(0, MOST_INCIDENTS);
}
