import { element } from './element.js';
import { duration } from './figures.js';
import { percent } from './meter.js';
import type { StageColours } from './stage-colours.js';

/** A part of a bar. Positions are shares of its length. */
export interface BarPart {
  readonly name: string;
  readonly from: number;
  readonly length: number;
  readonly ms: number;
}

/** A share of the bar's length from which on a name has a chance to be read. */
const ROOM_FOR_NAME = 0.12;
const MOST_LANES = 4;

/** Stages where they lay in time, as long as they took; those that ran side by side below each other. Spoken as a list. */
export function stageBar(parts: readonly BarPart[], colours: StageColours, spoken: string): HTMLElement {
  const bar = element('div', { class: 'stages', role: 'img', 'aria-label': spoken });
  const lanes = lanesOf(parts);
  const count = Math.max(...lanes, 0) + 1;
  parts.forEach((part, i) => {
    const hasRoom = part.length >= ROOM_FOR_NAME && count === 1;
    const took = `${part.name} ${duration(part.ms)}`;
    const box = element('span', { class: `stage ${colours.of(part.name)}`, title: took }, hasRoom && took);
    box.style.left = percent(part.from);
    box.style.width = percent(Math.min(part.length, 1 - part.from));
    box.style.top = percent((lanes[i] ?? 0) / count);
    box.style.height = percent(1 / count);
    bar.append(box);
  });
  return bar;
}

/** The parts in words: `retrieval 60 ms, model 2.1 s`. */
export function spokenParts(parts: readonly Pick<BarPart, 'name' | 'ms'>[]): string {
  return parts.length === 0 ? 'no stages' : parts.map(({ name, ms }) => `${name} ${duration(ms)}`).join(', ');
}

/** For each part the first lane that is free where it begins. What finds none runs over the last one. */
function lanesOf(parts: readonly BarPart[]): readonly number[] {
  const ends: number[] = [];
  return parts.map(({ from, length }) => {
    // Clocks are read between stages: a hair of overlap means one after the other.
    const free = ends.findIndex((end) => end <= from + 0.005);
    const lane = free >= 0 ? free : Math.min(ends.length, MOST_LANES - 1);
    ends[lane] = Math.max(ends[lane] ?? 0, from + length);
    return lane;
  });
}
