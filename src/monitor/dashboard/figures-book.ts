import type { MonitorReader, SeriesReader } from '../monitor-reader.js';
import { pointMsOf } from './dashboard-view.js';
import { seriesStats, stagesOf } from './populations.js';
import type { SeriesStats, StageView } from './snapshot.js';

const SHORTEST_MS = 3_000;
/** Figures made at once fall due in turn, over this many seconds. */
const TURNS = 5;
const FORGOTTEN_MS = 30_000;

/**
 * Figures of whole windows, kept for three to eight seconds: they change slowly and cost a merge of every slot. Those that were
 * made together are renewed in turn, so that no second has to pay for all.
 */
export class FiguresBook {
  readonly #reader: MonitorReader;
  readonly #stats = new Map<string, Kept<SeriesStats>>();
  readonly #stages = new Map<string, Kept<readonly StageView[]>>();
  #made = 0;

  constructor(reader: MonitorReader) {
    this.#reader = reader;
  }

  /** @param series - all that there are, read once for many names */
  stats(name: string, windowMs: number, series: readonly SeriesReader[], now: number): SeriesStats {
    const make = (): SeriesStats => seriesStats(this.#reader, name, windowMs, series);
    // The operation is what the page is about: its figures are never old.
    if (name === this.#reader.operation) return make();
    return this.#kept(this.#stats, `${this.#points(windowMs)} ${name}`, now, make);
  }

  /** The stages of the operation. */
  stages(windowMs: number, series: readonly SeriesReader[], now: number): readonly StageView[] {
    const make = (): readonly StageView[] => stagesOf(this.#reader, this.#reader.operation, windowMs, series);
    return this.#kept(this.#stages, this.#points(windowMs), now, make);
  }

  /** Lets go of everything. */
  clear(): void {
    this.#stats.clear();
    this.#stages.clear();
  }

  /** Lets go of what nobody has asked for lately. */
  prune(now: number): void {
    for (const figures of [this.#stats, this.#stages]) {
      for (const [key, { due }] of figures) if (now - due > FORGOTTEN_MS) figures.delete(key);
    }
  }

  /** A window is whole slots, however it was asked for: no page makes more entries than there are of those. */
  #points(windowMs: number): string {
    const pointMs = pointMsOf(windowMs, this.#reader);
    return `${Math.ceil(windowMs / pointMs)} x ${pointMs}`;
  }

  #kept<Figures>(all: Map<string, Kept<Figures>>, key: string, now: number, make: () => Figures): Figures {
    const kept = all.get(key);
    if (kept !== undefined && now < kept.due) return kept.figures;
    const figures = make();
    all.set(key, { figures, due: now + SHORTEST_MS + 1_000 * (this.#made++ % TURNS) });
    return figures;
  }
}

interface Kept<Figures> {
  readonly figures: Figures;
  readonly due: number;
}
