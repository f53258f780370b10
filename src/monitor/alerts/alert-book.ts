import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/clock.js';
import { InvalidOptionError } from '../../core/errors.js';
import { closeOnce } from '../../core/lifecycle.js';
import type { Exemplar } from '../exemplar.js';
import type { MonitorReader } from '../monitor-reader.js';
import { conditionText, knownUnit } from './alert-condition.js';
import { AlertDelivery, type SinkStats } from './alert-delivery.js';
import type { AlertEvent, AlertMessage } from './alert-event.js';
import { AlertHistory } from './alert-history.js';
import { type Observation, observe, TickReads } from './alert-observation.js';
import { ALERT_DEFAULTS, type AlertRule } from './alert-rule.js';
import { type AlertSinkLike, resolveSink } from './alert-sinks.js';
import type { AlertStatus, AlertUnit } from './alert-status.js';
import { type AlertPhase, nextPhase } from './alert-transition.js';
import { type ResolvedRule, resolveRule } from './resolve-rule.js';

/** What alerts are made of. */
export interface AlertBookParts {
  readonly reader: Pick<
    MonitorReader,
    'operation' | 'startedAt' | 'windowMs' | 'stats' | 'targets' | 'slowest' | 'profiles'
  >;
  readonly clock: Clock;
  readonly sinks: readonly AlertSinkLike[];
  /** Once per incident, as it fires. */
  onAlert(event: AlertEvent): void;
  /** Once per incident that has fired. */
  onResolved(event: AlertEvent): void;
  onTrouble(error: unknown, during: string): void;
}

interface Incident {
  readonly id: string;
  readonly startedAt: number;
  readonly exemplar: Exemplar | undefined;
  saidAt: number;
  repeats: number;
}

interface Entry {
  readonly rule: ResolvedRule;
  phase: AlertPhase;
  seen: Observation | undefined;
  /** Of the looks at which the condition held, since it is not inactive. */
  worst: number | null;
  /** The last one known: a metric without data has none. */
  unit: AlertUnit | undefined;
  incident: Incident | undefined;
}

/** The rules of a monitor, where each of them stands, and what has happened. Every tick looks at all of them. */
export class AlertBook {
  readonly #parts: AlertBookParts;
  readonly #deliveries: readonly AlertDelivery[];
  readonly #entries = new Map<string, Entry>();
  readonly #history = new AlertHistory(ALERT_DEFAULTS.maxHistory);
  #isClosed = false;
  readonly #close: () => Promise<void> = closeOnce(async () => {
    this.#isClosed = true;
    await Promise.all(this.#deliveries.map((delivery) => delivery.close()));
  });

  /** @throws InvalidOptionError for a sink that is none */
  constructor(parts: AlertBookParts) {
    this.#parts = parts;
    if (!Array.isArray(parts.sinks)) throw new InvalidOptionError('sinks', 'a list of sinks', parts.sinks);
    this.#deliveries = parts.sinks.map(
      (sink, index) =>
        new AlertDelivery(resolveSink(sink, index), parts.clock, (error, during) => this.#trouble(error, during)),
    );
  }

  /**
   * Adds a rule, looked at from the next tick on.
   *
   * @returns takes it away again; an alert that fires is resolved by that
   * @throws InvalidOptionError for a rule that makes no sense, a name that is taken, or too many rules
   */
  add(rule: AlertRule): () => void {
    const { reader, clock } = this.#parts;
    const resolved = resolveRule(rule, { windowMs: reader.windowMs, targets: () => Object.keys(reader.targets()) });
    const { name } = resolved;
    if (this.#entries.has(name)) throw new InvalidOptionError('name', 'one that no other alert rule has', name);
    const { maxRules } = ALERT_DEFAULTS;
    if (this.#entries.size >= maxRules) {
      throw new InvalidOptionError('alert rules', `at most ${maxRules}`, this.#entries.size + 1);
    }
    const entry: Entry = {
      rule: resolved,
      phase: { kind: 'inactive', since: clock.now() },
      seen: undefined,
      worst: null,
      unit: undefined,
      incident: undefined,
    };
    this.#entries.set(name, entry);
    return () => this.#remove(entry);
  }

  /** Looks at every rule. Never throws: a rule that can't be judged stays where it is, and is reported. */
  tick(): void {
    if (this.#isClosed || this.#entries.size === 0) return;
    const at = this.#parts.clock.now();
    const reads = new TickReads(this.#parts.reader, at);
    // A listener may add and remove rules meanwhile.
    for (const entry of [...this.#entries.values()]) {
      if (this.#entries.get(entry.rule.name) === entry) this.#look(entry, reads, at);
    }
  }

  status(): readonly AlertStatus[] {
    return [...this.#entries.values()].map(({ rule, phase, seen, unit, incident }) => ({
      name: rule.name,
      severity: rule.severity,
      state: phase.kind,
      since: phase.since,
      value: seen?.value ?? null,
      threshold: seen?.threshold ?? null,
      unit: knownUnit(rule.subject, unit) ?? null,
      ...(incident && { incident: incident.id }),
      condition: conditionText(rule.subject, unit),
    }));
  }

  /** The last 100 incidents, oldest first, each as it fired or, with `resolvedAt`, as it resolved. */
  history(): readonly AlertEvent[] {
    return this.#history.list();
  }

  /** What has become of the messages to each sink, in their order. */
  deliveries(): readonly SinkStats[] {
    return this.#deliveries.map((delivery) => delivery.stats());
  }

  /** Stops looking, and gives messages that wait 2 s to be delivered. What fires is not resolved by that: it may go on. */
  close(): Promise<void> {
    return this.#close();
  }

  /** Nobody will look for a while, so nothing may stay firing: what does is resolved, as it was last seen. */
  suspend(): void {
    const at = this.#parts.clock.now();
    for (const entry of this.#entries.values()) {
      const { incident } = entry;
      if (entry.phase.kind !== 'inactive') entry.phase = { kind: 'inactive', since: at };
      if (incident !== undefined) this.#resolve(entry, incident, at);
      entry.worst = null;
    }
  }

  #look(entry: Entry, reads: TickReads, at: number): void {
    const { rule } = entry;
    try {
      entry.seen = observe(rule.subject, reads);
    } catch (error) {
      this.#trouble(error, `alert rule "${rule.name}"`);
      return;
    }
    entry.unit = entry.seen.unit ?? entry.unit;
    if (entry.seen.verdict === 'breached') entry.worst = worseOf(entry.worst, entry.seen);
    entry.phase = nextPhase(entry.phase, entry.seen.verdict, at, rule);
    const { phase, incident } = entry;
    if (incident === undefined) {
      if (phase.kind === 'firing') this.#fire(entry, phase.startedAt, at);
    } else if (phase.kind === 'inactive') {
      this.#resolve(entry, incident, at);
    } else if (phase.kind === 'firing' && at - incident.saidAt >= rule.repeatEveryMs) {
      incident.saidAt = at;
      incident.repeats++;
      this.#send({ ...this.#eventOf(entry, incident, at), repeated: incident.repeats, state: 'firing' });
    }
    if (phase.kind === 'inactive') entry.worst = null;
  }

  #fire(entry: Entry, startedAt: number, at: number): void {
    const exemplar = this.#slowestOf(entry);
    const incident: Incident = { id: randomUUID(), startedAt, exemplar, saidAt: at, repeats: 0 };
    entry.incident = incident;
    const event = Object.freeze(this.#eventOf(entry, incident, at));
    this.#history.put(event);
    this.#send({ ...event, state: 'firing' });
    this.#tell('onAlert', event);
  }

  #resolve(entry: Entry, incident: Incident, at: number): void {
    entry.incident = undefined;
    const event = Object.freeze({ ...this.#eventOf(entry, incident, at), resolvedAt: at });
    this.#history.put(event);
    this.#send({ ...event, state: 'resolved' });
    this.#tell('onResolved', event);
  }

  #eventOf({ rule, seen, worst, unit }: Entry, { id, startedAt, exemplar }: Incident, at: number): AlertEvent {
    const profile = this.#profileSince(startedAt);
    return {
      incident: id,
      name: rule.name,
      severity: rule.severity,
      condition: conditionText(rule.subject, unit),
      value: seen?.value ?? null,
      threshold: seen?.threshold ?? null,
      worst,
      // Known: nothing fires without a value.
      unit: unit!,
      windowMs: rule.subject.kind === 'metric' ? rule.subject.windowMs : null,
      samples: seen?.samples ?? 0,
      startedAt,
      at,
      durationMs: at - startedAt,
      ...(exemplar && { exemplar }),
      ...(profile !== undefined && { profile }),
    };
  }

  #slowestOf({ rule, unit }: Entry): Exemplar | undefined {
    const { reader } = this.#parts;
    const { subject } = rule;
    try {
      if (subject.kind === 'metric') {
        const { metric, windowMs, labels } = subject;
        return reader.stats(metric, { windowMs, exemplars: 1, ...(labels && { labels }) })?.exemplars[0];
      }
      // Slow requests have to do with targets of time and throughput, not with those of memory.
      return unit === 'ms' || unit === 'perMinute' ? reader.slowest(reader.operation, 1)[0] : undefined;
    } catch (error) {
      this.#trouble(error, `alert rule "${rule.name}"`);
      return undefined;
    }
  }

  #profileSince(startedAt: number): string | undefined {
    try {
      const taken = this.#parts.reader.profiles();
      return taken.find((profile) => profile.startedAt + profile.ms >= startedAt)?.path;
    } catch (error) {
      this.#trouble(error, 'alert profile');
      return undefined;
    }
  }

  #send(message: AlertMessage): void {
    Object.freeze(message);
    for (const delivery of this.#deliveries) delivery.push(message);
  }

  #tell(listener: 'onAlert' | 'onResolved', event: AlertEvent): void {
    try {
      this.#parts[listener](event);
    } catch (error) {
      this.#trouble(error, listener);
    }
  }

  #remove(entry: Entry): void {
    const { rule, incident } = entry;
    if (this.#entries.get(rule.name) !== entry) return;
    this.#entries.delete(rule.name);
    if (incident !== undefined && !this.#isClosed) this.#resolve(entry, incident, this.#parts.clock.now());
  }

  #trouble(error: unknown, during: string): void {
    try {
      this.#parts.onTrouble(error, during);
    } catch {
      // There is nobody left to tell.
    }
  }
}

function worseOf(worst: number | null, { value, worse }: Observation): number | null {
  if (worst === null || value === null || worse === undefined) return value ?? worst;
  return worse === 'higher' ? Math.max(worst, value) : Math.min(worst, value);
}
