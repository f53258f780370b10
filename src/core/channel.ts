import { type Channel, channel } from 'node:diagnostics_channel';

/** The channels of one module, made on first use: `hotpath:<module>:<event>`. */
export type ModuleChannels<Name extends string> = (name: Name) => Channel;

/**
 * Names the diagnostics channels of a module. Publishers ask `hasSubscribers` first; a throwing subscriber is handled by
 * Node (it surfaces as an uncaught exception of its own, not in the publisher).
 */
export function moduleChannels<Name extends string>(module: string): ModuleChannels<Name> {
  const made = new Map<Name, Channel>();
  return (name) => {
    let found = made.get(name);
    if (!found) {
      found = channel(`hotpath:${module}:${name}`);
      made.set(name, found);
    }
    return found;
  };
}
