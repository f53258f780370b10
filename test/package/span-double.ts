import type { OtelApiLike } from '../../src/otel/index.js';

/** A span that is always the active one, and the names of what was written on it. */
export class SpanDouble {
  readonly attributes = new Set<string>();
  readonly events: string[] = [];
  readonly api: OtelApiLike;

  constructor() {
    const span = {
      isRecording: () => true,
      setAttribute: (name: string) => this.attributes.add(name),
      addEvent: (name: string) => this.events.push(name),
    };
    this.api = { trace: { getActiveSpan: () => span } } as never;
  }
}
