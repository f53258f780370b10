/** Attributes for which there is no convention: of metrics, spans and span events. All under `hotpath.`. */
export const HOTPATH = {
  /** Which quantile a figure is: 0.5, 0.95, 0.99. */
  quantile: 'hotpath.quantile',
  trouble: 'hotpath.trouble',
  memoryLevel: 'hotpath.memory.level',
  targetName: 'hotpath.target.name',
  targetState: 'hotpath.target.state',
  targetUnit: 'hotpath.target.unit',
  alertName: 'hotpath.alert.name',
  alertSeverity: 'hotpath.alert.severity',
  alertState: 'hotpath.alert.state',
  attachmentName: 'hotpath.attachment.name',
  reason: 'hotpath.reason',
  stateName: 'hotpath.state.name',
  stateValue: 'hotpath.state.value',
  /** On a span that was ended by the bridge, not by its timer. */
  abandoned: 'hotpath.abandoned',
} as const;

/** What goes before everything that has no convention. */
export const PREFIX = 'hotpath.';
