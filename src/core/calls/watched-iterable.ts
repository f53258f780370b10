import type { CallWatch } from './call-watch.js';
import { isObject } from './thenable.js';
import { type WatchedAnswer, watchAnswer } from './watched-answer.js';
import { watchEvents } from './watched-events.js';
import { type Step, watchSteps } from './watched-steps.js';
import { isWebStream, watchReaders } from './watched-web-stream.js';

const CHUNKS: Readonly<Record<string, Step>> = { next: 'chunk', throw: 'chunk', return: 'leave' };
const VALUES: Readonly<Record<string, Step>> = { next: 'value', throw: 'value', return: 'leave' };

/** Ends a call with what it answered, or what its promise came to: at once, or when what is read bit by bit is over. Never throws. */
export function endWithAnswer(call: CallWatch, answer: unknown): void {
  try {
    if (isObject(answer) && isReadLater(answer)) watchAnswer(call, answer, watchReading);
    else call.succeed(answer);
  } catch (error) {
    call.trouble(error);
    call.stop();
  }
}

function isReadLater(answer: object): boolean {
  const { [Symbol.asyncIterator]: iterate } = answer as Partial<AsyncIterable<unknown>>;
  // A page of a listing is whole: to iterate over it is to ask for the pages that follow.
  if (typeof iterate === 'function') return typeof (answer as { getNextPage?: unknown }).getNextPage !== 'function';
  return isSyncGenerator(answer);
}

function isSyncGenerator(answer: object): boolean {
  return (answer as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === 'Generator';
}

/**
 * Watches the first reading of an answer. The object stays the same, so that brands, fields and methods of SDK streams do; own
 * methods take the place of those that read it, until it is over.
 */
function watchReading(answer: object, watched: WatchedAnswer): boolean {
  if (isSyncGenerator(answer)) return watchSteps(watched, answer, VALUES);
  const hasEvents = watchEvents(answer, watched);
  if (watched.isOver) return true;
  if (isWebStream(answer)) watchReaders(answer, watched);
  watchParts(answer, watched);
  const isWatched = watchIteration(answer, watched);
  return isWatched || hasEvents;
}

function watchIteration(answer: object, watched: WatchedAnswer): boolean {
  const isSelf = isOwnIterator(answer) && watchSteps(watched, answer, CHUNKS);
  let isFirst = true;
  const ways = [Symbol.asyncIterator, ...(isWebStream(answer) ? ['values'] : [])];
  const isWatched = ways.map((way) =>
    watched.methods.replace(answer, way, (original) => {
      return function (this: unknown, ...args) {
        const iterator = original.apply(this, args);
        if (watched.isOver || !isFirst || (isSelf && iterator === answer)) return iterator;
        isFirst = false;
        watchPart(watched, iterator, (part) => watchSteps(watched, part, CHUNKS));
        return iterator;
      };
    }),
  );
  return isSelf || isWatched[0] === true;
}

/** Streams that a stream becomes: of two, the first that is read counts. */
function watchParts(answer: object, watched: WatchedAnswer): void {
  for (const way of ['tee', 'pipeThrough']) {
    watched.methods.replace(answer, way, (original) => {
      return function (this: unknown, ...args) {
        const parts = original.apply(this, args);
        if (watched.isOver) return parts;
        for (const part of Array.isArray(parts) ? parts : [parts]) {
          watchPart(watched, part, (stream) => watchReading(stream, watched));
        }
        return parts;
      };
    });
  }
}

function watchPart(watched: WatchedAnswer, part: unknown, watch: (part: object) => boolean): void {
  try {
    if (isObject(part) && Object.isExtensible(part) && watch(part)) return;
    watched.stop();
  } catch (error) {
    watched.stop(error);
  }
}

/**
 * Whether the object is what iterating over it gives, as a generator is: whoever has it may call its `next` at once. A cursor has a
 * `next` too, of another kind and with nothing to leave it by.
 */
function isOwnIterator(answer: object): boolean {
  const { next, return: leave, throw: fail } = answer as Partial<AsyncGenerator>;
  return typeof next === 'function' && (typeof leave === 'function' || typeof fail === 'function');
}
