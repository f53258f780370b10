import type { AttachmentKind } from './attachment-reading.js';
import { CHANNEL_EVENTS, type ChannelModule, subscribeEvents } from './channel-events.js';
import type { ChannelMarks } from './channel-marks.js';

/** What a {@link ChannelWatch} needs. */
export interface WatchParts {
  readonly marks: ChannelMarks;
  isAttached(module: ChannelModule, namespace: string): boolean;
  onTrouble(error: unknown, during: string): void;
}

/** Listens for changes of state of what is attached, and to nothing else: no read of a cache and no call is dearer for it. */
export class ChannelWatch {
  readonly #parts: WatchParts;
  readonly #ends = new Map<ChannelModule, () => void>();

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  /** Subscribes to the modules of these kinds, and to no others. */
  follow(kinds: ReadonlySet<AttachmentKind>): void {
    for (const module of Object.keys(CHANNEL_EVENTS) as ChannelModule[]) {
      const isNeeded = kinds.has(CHANNEL_EVENTS[module].kind);
      const end = this.#ends.get(module);
      if (isNeeded && end === undefined) this.#ends.set(module, this.#subscribe(module));
      if (isNeeded || end === undefined) continue;
      this.#ends.delete(module);
      end();
    }
  }

  #subscribe(module: ChannelModule): () => void {
    const { marks, isAttached, onTrouble } = this.#parts;
    return subscribeEvents(
      module,
      CHANNEL_EVENTS[module].rules.filter((rule) => rule.markedWith !== undefined),
      (rule, namespace, data) => {
        if (isAttached(module, namespace)) marks.offer(module, rule, namespace, data);
      },
      onTrouble,
    );
  }
}
