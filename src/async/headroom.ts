import type { Group } from './group.js';

/** A group counts for so long after its last call: slots are kept free for it, and its share is its own. */
export const LATELY_MS = 30_000;

/**
 * Keeps slots free for groups that want few, so that they find them at once while another group wants more than there are. Each
 * group may take its share of the slots (the limit by the groups at work lately, at least one). Beyond it, it leaves as many free
 * as were wanted lately, each group counted up to its share, and are not wanted now; and one more, as long as a group is there
 * that might want it. What a group wanted that went beyond its share is not remembered once it wants less: where all want more
 * than their share, or none does, every slot is used.
 */
export class Headroom {
  /** Slots that each group may have whatever the others do. */
  #share = 1;
  #groups = 0;
  #noisy = 0;
  /** Slots that all groups want, each up to its share: now, at most since `#peakSince`, and at most in the time before that. */
  #claimed = 0;
  #peak = 0;
  #peakBefore = 0;
  #peakSince = 0;

  /** @param groups - at work lately */
  renew(now: number, limit: number, groups: number): void {
    this.#groups = groups;
    this.#share = Math.max(1, Math.floor(limit / groups));
    if (Math.abs(now - this.#peakSince) < LATELY_MS) return;
    this.#peakBefore = now - this.#peakSince < 2 * LATELY_MS ? this.#peak : this.#claimed;
    this.#peak = this.#claimed;
    this.#peakSince = now;
  }

  /** May a group take one of so many free slots? A group without a slot always may. */
  allows(group: Group, free: number): boolean {
    if (group.active < this.#share) return true;
    const kept = Math.max(this.#peak, this.#peakBefore) - this.#claimed;
    return free > (kept === 0 && this.#noisy < this.#groups ? 1 : kept);
  }

  /** To be called whenever a group wants more or fewer slots than before. */
  follow(group: Group): void {
    const wanted = group.active + group.waiting;
    const claim = Math.min(wanted, this.#share);
    const more = claim - group.claim;
    group.claim = claim;
    this.#claimed += more;
    if (more < 0 && group.isNoisy) {
      this.#peak += more;
      this.#peakBefore += more;
    }
    if (this.#claimed > this.#peak) this.#peak = this.#claimed;
    const isNoisy = wanted > (group.isNoisy ? this.#share / 2 : this.#share);
    if (isNoisy === group.isNoisy) return;
    group.isNoisy = isNoisy;
    this.#noisy += isNoisy ? 1 : -1;
  }
}
