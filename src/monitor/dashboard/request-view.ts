import type { Exemplar, StageTime } from '../exemplar.js';
import { cut, plainFacts } from './plain-facts.js';
import { rounded } from './rounded.js';
import type { RequestView } from './snapshot.js';

const MOST_STAGES = 16;
const MOST_LABELS = 16;

/** A slow request as the page shows it. */
export function requestView({ at, value, labels, stages, metadata, error }: Exemplar): RequestView {
  return {
    ...rounded({ at, value, stages: stages.slice(0, MOST_STAGES).map(stageView) }),
    labels: plainLabels(labels),
    metadata: plainFacts(metadata),
    error: error === undefined ? null : cut(error),
  };
}

function stageView({ name, startMs, ms, labels }: StageTime): StageTime {
  const shown = { name: cut(name), startMs, ms };
  return labels === undefined ? shown : { ...shown, labels: plainLabels(labels) };
}

function plainLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(labels).slice(0, MOST_LABELS);
  return Object.fromEntries(entries.map(([key, value]) => [cut(key), cut(value)]));
}
