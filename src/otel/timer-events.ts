import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { TimerEndEvent, TimerStartEvent } from '../monitor/timer-events.js';
import type { BridgeTroubles } from './bridge-troubles.js';

/** Two ends are one moment when they are this close: they were summed up in another order. */
const SAME_MS = 0.001;

/** What a stage failed with: what the request did, if the stage was under way then. */
export function stageError(event: TimerEndEvent, index: number): string | undefined {
  const stage = event.stages[index]!;
  const isLast = index === event.stages.length - 1 && stage.startMs + stage.ms >= event.ms - SAME_MS;
  return isLast ? event.error : undefined;
}

const START = 'hotpath:monitor:timer:start';
const END = 'hotpath:monitor:timer:end';

/**
 * Listens to the timers of one monitor. Subscribing makes every timer dearer, so only what is needed is subscribed.
 *
 * @returns ends it; calling it twice does nothing
 */
export function subscribeTimers(
  monitor: string,
  listeners: { readonly start?: (event: TimerStartEvent) => void; readonly end?: (event: TimerEndEvent) => void },
  troubles: BridgeTroubles,
): () => void {
  const { start, end } = listeners;
  const offs = [
    ...(start ? [listen(START, monitor, start as (event: unknown) => void, troubles)] : []),
    ...(end ? [listen(END, monitor, end as (event: unknown) => void, troubles)] : []),
  ];
  return () => {
    for (const off of offs) off();
  };
}

function listen(
  name: string,
  monitor: string,
  listener: (event: unknown) => void,
  troubles: BridgeTroubles,
): () => void {
  // What a subscriber throws would end the process.
  const onMessage = (message: unknown): void => {
    troubles.guard(`an event on ${name}`, () => {
      if ((message as TimerStartEvent).monitor === monitor) listener(message);
    });
  };
  subscribe(name, onMessage);
  return () => {
    unsubscribe(name, onMessage);
  };
}
