/**
 * The fewest servers at which calls wait, on average, at most `most` of the time that one is held.
 *
 * For calls that come at random (Poisson) and hold times that vary like an exponential. Source: Erlang C by the recursion of
 * Erlang B; Kleinrock, Queueing Systems I, 1975, section 3.5.
 *
 * @param erlangs - the load: calls a second times seconds that each holds a server
 * @param most - above 0
 */
export function serversFor(erlangs: number, most: number): number {
  let blocking = 1;
  for (let servers = 1; ; servers++) {
    blocking = (erlangs * blocking) / (servers + erlangs * blocking);
    if (servers > erlangs && relativeWait(erlangs, servers, blocking) <= most) return servers;
  }
}

function relativeWait(erlangs: number, servers: number, blocking: number): number {
  const waits = (servers * blocking) / (servers - erlangs * (1 - blocking));
  return waits / (servers - erlangs);
}
