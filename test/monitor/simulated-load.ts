import type { SeededRandom } from '../random.js';
import type { SimulatedRequest } from './simulated-requests.js';

/** How long an answer takes, in milliseconds. */
export type Latency = () => number;

export function between(random: SeededRandom, leastMs: number, mostMs: number): Latency {
  return () => leastMs + random.next() * (mostMs - leastMs);
}

/** Many short ones, some long ones: as likely between 1 and 10 s as between 10 and 100 s. */
export function spread(random: SeededRandom, leastMs: number, mostMs: number): Latency {
  return () => leastMs * (mostMs / leastMs) ** random.next();
}

/** Some from a cache, at once. */
export function partlyCached(random: SeededRandom, hitRate: number, miss: Latency): Latency {
  return () => (random.chance(hitRate) ? 50 : miss());
}

/** Requests that come by chance (Poisson), from `fromMs` for `forMs`. */
export function byChance(random: SeededRandom, perMinute: number, fromMs: number, forMs: number): number[] {
  const arrivals: number[] = [];
  const next = (): number => -Math.log(1 - random.next()) * (60_000 / perMinute);
  for (let at = fromMs + next(); at < fromMs + forMs; at += next()) arrivals.push(at);
  return arrivals;
}

/** Requests to a service that has room for all of them. */
export function unhindered(latency: Latency, arrivals: readonly number[]): SimulatedRequest[] {
  return arrivals.map((at) => ({ at, ms: latency() }));
}

/** Requests that so many servers answer, first come, first served. What waits at the end still gets its answer. */
export function byServers(servers: number, latency: Latency, arrivals: readonly number[]): SimulatedRequest[] {
  const freeAt = Array.from({ length: servers }, () => 0);
  return arrivals.map((at) => {
    const first = freeAt.reduce((least, time, i) => (time < freeAt[least]! ? i : least), 0);
    freeAt[first] = Math.max(freeAt[first]!, at) + latency();
    return { at, ms: freeAt[first]! - at };
  });
}

/** Users who ask again as soon as they have their answer, from the start, for `forMs`. */
export function byUsers(users: number, latency: Latency, forMs: number): SimulatedRequest[] {
  const requests: SimulatedRequest[] = [];
  for (let user = 0; user < users; user++) {
    for (let at = 0; at < forMs; ) {
      const ms = latency();
      requests.push({ at, ms });
      at += ms;
    }
  }
  return requests;
}

/** The same users, with so many servers for all of them. */
export function byUsersAndServers(users: number, servers: number, latency: Latency, forMs: number): SimulatedRequest[] {
  const requests: SimulatedRequest[] = [];
  const freeAt = Array.from({ length: servers }, () => 0);
  const asking = Array.from({ length: users }, () => 0);
  // In order: whoever has his answer is the last to ask again.
  for (let at = asking.shift()!; at < forMs; at = asking.shift()!) {
    const first = freeAt.reduce((least, time, i) => (time < freeAt[least]! ? i : least), 0);
    freeAt[first] = Math.max(freeAt[first]!, at) + latency();
    requests.push({ at, ms: freeAt[first]! - at });
    const place = asking.findLastIndex((time) => time <= freeAt[first]!) + 1;
    asking.splice(place, 0, freeAt[first]!);
  }
  return requests;
}

/** From a moment on nothing is answered any more, what is under way then included. */
export function dyingAt(momentMs: number, requests: readonly SimulatedRequest[]): SimulatedRequest[] {
  return requests.map((each) => (each.at + each.ms > momentMs ? { ...each, ms: Number.POSITIVE_INFINITY } : each));
}

/** Of those that begin in this time, as streams that nobody reads, a share never ends. */
export function leaking(
  random: SeededRandom,
  share: number,
  requests: readonly SimulatedRequest[],
  { fromMs = 0, untilMs = Number.POSITIVE_INFINITY }: { fromMs?: number; untilMs?: number } = {},
): SimulatedRequest[] {
  return requests.map((each) =>
    each.at >= fromMs && each.at < untilMs && random.chance(share) ? { ...each, ms: Number.POSITIVE_INFINITY } : each,
  );
}
