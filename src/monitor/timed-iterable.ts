import type { CallTiming } from './call-timing.js';
import { isObject } from './thenable.js';
import { type TimedAnswer, watchAnswer } from './timed-answer.js';
import { watchEvents } from './timed-events.js';
import { type Step, watchSteps } from './timed-steps.js';
import { isWebStream, watchReaders } from './timed-web-stream.js';

const CHUNKS: Readonly<Record<string, Step>> = { next: 'chunk', throw: 'chunk', return: 'leave' };
const VALUES: Readonly<Record<string, Step>> = { next: 'value', throw: 'value', return: 'leave' };

/** Ends a call with what it answered, or what its promise came to: at once, or when what is read bit by bit is over. Never throws. */
export function endWithAnswer(call: CallTiming, answer: unknown): void {
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
function watchReading(answer: object, timed: TimedAnswer): boolean {
  if (isSyncGenerator(answer)) return watchSteps(timed, answer, VALUES);
  const hasEvents = watchEvents(answer, timed);
  if (timed.isOver) return true;
  if (isWebStream(answer)) watchReaders(answer, timed);
  watchParts(answer, timed);
  const isWatched = watchIteration(answer, timed);
  return isWatched || hasEvents;
}

function watchIteration(answer: object, timed: TimedAnswer): boolean {
  const isSelf = isOwnIterator(answer) && watchSteps(timed, answer, CHUNKS);
  let isFirst = true;
  const ways = [Symbol.asyncIterator, ...(isWebStream(answer) ? ['values'] : [])];
  const isWatched = ways.map((way) =>
    timed.methods.replace(answer, way, (original) => {
      return function (this: unknown, ...args) {
        const iterator = original.apply(this, args);
        if (timed.isOver || !isFirst || (isSelf && iterator === answer)) return iterator;
        isFirst = false;
        watchPart(timed, iterator, (part) => watchSteps(timed, part, CHUNKS));
        return iterator;
      };
    }),
  );
  return isSelf || isWatched[0] === true;
}

/** Streams that a stream becomes: of two, the first that is read counts. */
function watchParts(answer: object, timed: TimedAnswer): void {
  for (const way of ['tee', 'pipeThrough']) {
    timed.methods.replace(answer, way, (original) => {
      return function (this: unknown, ...args) {
        const parts = original.apply(this, args);
        if (timed.isOver) return parts;
        for (const part of Array.isArray(parts) ? parts : [parts]) {
          watchPart(timed, part, (stream) => watchReading(stream, timed));
        }
        return parts;
      };
    });
  }
}

function watchPart(timed: TimedAnswer, part: unknown, watch: (part: object) => boolean): void {
  try {
    if (isObject(part) && Object.isExtensible(part) && watch(part)) return;
    timed.stop();
  } catch (error) {
    timed.stop(error);
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
