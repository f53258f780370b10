import type { AttachmentKind, AttachmentReading } from './attachment-reading.js';
import { cacheReading } from './cache-reading.js';
import { memoryReading } from './memory-reading.js';
import { optimizerReading } from './optimizer-reading.js';
import { processorReading } from './processor-reading.js';

/** What an attached object may have. Which of it there is, its kind says. */
interface Attached {
  readonly mode?: unknown;
  stats?(): unknown;
  checkMemoryUsage?(): unknown;
}

/**
 * Asks an attached object for its figures. Whatever it throws is passed on, and so is what its figures throw when they are read.
 *
 * @throws TypeError when they are no figures
 */
export function readingOf(name: string, kind: AttachmentKind, value: object): AttachmentReading {
  const attached: Attached = value;
  const { mode } = attached;
  switch (kind) {
    case 'cache':
    case 'llm':
      return cacheReading(name, kind, attached.stats?.(), mode);
    case 'processor':
      return processorReading(name, attached.stats?.(), mode);
    case 'memory':
      return memoryReading(name, attached.checkMemoryUsage?.(), attached.stats?.(), mode);
    case 'optimizer':
      return optimizerReading(name, attached.stats?.(), mode);
  }
}
