import type { ThinFigure } from '../../metric-stats.js';
import type { SeriesFigures } from '../snapshot.js';
import { type FigureUnit, figure } from './figures.js';

/** A figure as text, marked where it rests on too little: `≈ 312 ms`. */
export function marked(text: string, isThin: boolean): string {
  return isThin ? `≈ ${text}` : text;
}

/** A figure of a series, marked where it rests on too little. */
export function seriesFigure(figures: SeriesFigures | null | undefined, name: ThinFigure, unit: FigureUnit): string {
  return marked(figure(figures?.[name], unit), figures?.lowConfidence.includes(name) === true);
}

/** What the mark says about these figures; empty where none is marked. */
export function thinNote(all: readonly SeriesFigures[]): string {
  const thin = all.flatMap(({ lowConfidence }) => lowConfidence);
  const why = [
    thin.some((name) => name !== 'ratePerMinute') && 'few values',
    thin.includes('ratePerMinute') && 'less than a minute',
  ];
  const known = why.filter(Boolean);
  return known.length === 0 ? '' : `≈ rests on ${known.join(' or ')}`;
}
