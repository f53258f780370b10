import { keySlot } from '../../core/redis/key-slot.js';
import type { RedisArgument, RedisPort, RedisReply } from '../../core/redis/redis-port.js';
import type { RedisScript } from '../../core/redis/script.js';
import type { Backend, GlobSource, LeaseAnswer, OutgoingEntry, Through, VersionNews } from './backend.js';
import { encodeBusMessage, openBusMessage } from './bus-message.js';
import { DISCARD, DROP, FILL, LEASE, PUT, RELEASE, RENEW, REPLACE, REVOKE } from './entry-scripts.js';
import { checksumOf } from './envelope-checksum.js';
import { INVALIDATE, SYNC } from './version-scripts.js';
import { type WireNames, wireText, wireTextBack } from './wire-name.js';

/** How long a delete is remembered on the server: a command stuck on its way for longer is not refused. */
const TOMBSTONE_MS = 60_000;
const VERSIONS_PER_PAGE = 1000;
const SCANNED_AT_ONCE = 500;
const LEASE_END = /:l$/;

/** Who publishes, and its how manieth message it is. */
interface Sender {
  readonly src: string;
  readonly n: number;
}

const UNCOUNTED: Sender = { src: '', n: 0 };

/** Read as foreign, like any payload without our magic. */
const ANOTHER_TYPE: Buffer = Buffer.from('WRONGTYPE');

/** Values, leases, versions and messages in Redis. */
export class RedisBackend implements Backend {
  readonly coordinated = true;
  readonly #port: RedisPort;
  readonly #names: WireNames;
  readonly #node: string;
  /** Numbers what this node publishes, so that others see gaps. */
  #published = 0;

  constructor(port: RedisPort, names: WireNames, node: string) {
    this.#port = port;
    this.#names = names;
    this.#node = node;
  }

  async get(key: string): Promise<Buffer | undefined> {
    return (await this.#getOne(this.#names.value(key)))[0];
  }

  // Without `async` down to the client: each would be one more turn of the way that every hit takes.
  getMany(keys: readonly string[]): Promise<readonly (Buffer | undefined)[]> {
    if (keys.length === 1) return this.#getOne(this.#names.value(keys[0]!));
    const names = keys.map((key) => this.#names.value(key));
    return this.#port.topology === 'single' ? this.#mget(names) : this.#getBySlot(names);
  }

  #getOne(name: string): Promise<readonly (Buffer | undefined)[]> {
    return this.#port.send(name, ['GET', name]).then(
      (reply) => [(reply as Buffer | null) ?? undefined],
      (error: unknown) => {
        // Somebody keeps a list or a hash under this name. The server is well.
        if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return [ANOTHER_TYPE];
        throw error;
      },
    );
  }

  #mget(names: readonly string[]): Promise<readonly (Buffer | undefined)[]> {
    return this.#port
      .send(names[0], ['MGET', ...names])
      .then((reply) => (reply as readonly (Buffer | null)[]).map((bytes) => bytes ?? undefined));
  }

  /** One command for each slot; all at once. */
  async #getBySlot(names: readonly string[]): Promise<(Buffer | undefined)[]> {
    const bySlot = new Map<number, number[]>();
    names.forEach((name, i) => {
      const slot = keySlot(name);
      const list = bySlot.get(slot);
      if (list) list.push(i);
      else bySlot.set(slot, [i]);
    });
    const found = new Array<Buffer | undefined>(names.length);
    await Promise.all(
      [...bySlot.values()].map(async (places) => {
        const some = places.map((i) => names[i]!);
        const list = await (some.length === 1 ? this.#getOne(some[0]!) : this.#mget(some));
        for (const [j, i] of places.entries()) found[i] = list[j];
      }),
    );
    return found;
  }

  async versions(after: number, atLeast: number, beat?: string): Promise<VersionNews> {
    const { versions } = this.#names;
    const channel = beat === undefined ? '' : this.#names.privateChannel(this.#node);
    const page = (offset: number): Promise<RedisReply> =>
      this.#port.run(
        SYNC,
        [versions],
        [
          String(atLeast),
          String(after),
          String(offset),
          String(VERSIONS_PER_PAGE),
          offset === 0 ? channel : '',
          beat ?? '',
        ],
      );
    const first = readVersions(await page(0));
    let last = first;
    const names = [...first.names];
    for (let offset = VERSIONS_PER_PAGE; last.read === VERSIONS_PER_PAGE; offset += VERSIONS_PER_PAGE) {
      last = readVersions(await page(offset));
      names.push(...last.names);
    }
    // Versions that were given out between two pages are above the first page's sequence, and come with the next look.
    const { serverMs, sequence, found, birth, floor } = first;
    return { serverMs, sequence, found, birth, floor, names };
  }

  async invalidate(members: readonly string[], atLeast: number): Promise<VersionNews> {
    const of = (kinds: string): string[] => members.filter((m) => kinds.includes(m[0]!)).map((m) => m.slice(1));
    const names = { tags: of('tT'), prefixes: of('pP'), soft: 'TP'.includes(members[0]![0]!) };
    const reply = await this.#change(
      atLeast,
      openBusMessage({ ...this.#sender(), ...names }),
      'names',
      members.map(wireText),
    );
    const news = readVersions(reply);
    return { ...news, names: members.map((member) => [member, news.sequence] as const) };
  }

  async clear(atLeast: number): Promise<VersionNews> {
    return readVersions(await this.#change(atLeast, openBusMessage({ ...this.#sender(), clear: true }), 'clear', []));
  }

  #change(atLeast: number, start: string, what: string, members: readonly string[]): Promise<RedisReply> {
    const { versions, channel } = this.#names;
    return this.#port.run(INVALIDATE, [versions], [String(atLeast), channel, start, what, ...members]);
  }

  async lease(key: string, token: string, ms: number, seen: number, force: boolean): Promise<LeaseAnswer> {
    const reply = await this.#entry(LEASE, key, [
      token,
      String(ms),
      seen === 0 ? '' : checksumBytes(seen),
      force ? 'force' : '',
    ]);
    const [answer, bytes] = reply as [number, Buffer?];
    if (Number(answer) === 2) return { kind: 'found', bytes: bytes! };
    return { kind: Number(answer) === 1 ? 'granted' : 'held' };
  }

  async renew(key: string, token: string, ms: number): Promise<boolean> {
    const name = this.#names.lease(key);
    return Number(await this.#port.run(RENEW, [name], [token, String(ms)])) === 1;
  }

  async release(key: string, token: string): Promise<boolean> {
    const { channel } = this.#names;
    const message = this.#wake(this.#names.value(key));
    return Number(await this.#port.run(RELEASE, [this.#names.lease(key)], [token, channel, message])) === 1;
  }

  async fill(
    { key, bytes, lifeMs }: OutgoingEntry,
    token: string,
    tell: boolean,
  ): Promise<'stored' | 'lost' | 'foreign'> {
    const name = this.#names.value(key);
    const sender = tell ? this.#sender() : UNCOUNTED;
    const message = tell ? this.#changed(name, bytes, sender) : this.#wake(name);
    const args = [token, bytes, milliseconds(lifeMs), this.#names.channel, message, tell ? 'tell' : ''];
    const result = (['lost', 'stored', 'foreign'] as const)[Number(await this.#entry(FILL, key, args))] ?? 'lost';
    if (tell && result !== 'stored') this.#sayNothing(sender);
    return result;
  }

  async put({ key, bytes, lifeMs }: OutgoingEntry, stampMs: number): Promise<number | undefined> {
    const sender = this.#sender();
    const message = this.#changed(this.#names.value(key), bytes, sender);
    const args = [bytes, milliseconds(lifeMs), String(stampMs), this.#names.channel, message];
    const newest = text(await this.#entry(PUT, key, args));
    if (newest === '') return undefined;
    this.#sayNothing(sender);
    return Number(newest);
  }

  async drop(key: string, stampMs: number): Promise<boolean> {
    const message = this.#changed(this.#names.value(key), undefined);
    const args = [String(stampMs), String(TOMBSTONE_MS), this.#names.channel, message];
    return Number(await this.#entry(DROP, key, args)) === 1;
  }

  /** What {@link drop} does beside deleting the value: that is kept elsewhere. */
  async revoke(key: string, stampMs: number): Promise<void> {
    const message = this.#changed(this.#names.value(key), undefined);
    await this.#entry(REVOKE, key, [String(stampMs), String(TOMBSTONE_MS), this.#names.channel, message]);
  }

  async replace(key: string, sum: number, bytes: Buffer): Promise<boolean> {
    const sender = this.#sender();
    const message = this.#changed(this.#names.value(key), bytes, sender);
    const reply = await this.#entry(REPLACE, key, [checksumBytes(sum), bytes, this.#names.channel, message]);
    if (Number(reply) !== 1) this.#sayNothing(sender);
    return Number(reply) === 1;
  }

  async discard(key: string, sum: number): Promise<void> {
    await this.#entry(DISCARD, key, [checksumBytes(sum)]);
  }

  async announce(glob: GlobSource, soft: boolean): Promise<void> {
    const { channel } = this.#names;
    const message = encodeBusMessage({ ...this.#sender(), globs: [glob], soft }, 0);
    await this.#port.send(undefined, ['PUBLISH', channel, message]);
  }

  async *scan(through: Through): AsyncGenerator<readonly string[]> {
    // In two goes: what is being loaded while the first one runs has lost its lease, or is there when the second one begins.
    const { valuePattern } = this.#names;
    for (const pattern of [`${valuePattern}:l`, valuePattern]) {
      for (const send of await this.#port.masters()) yield* this.#scanOne(send, pattern, through);
    }
  }

  async *#scanOne(
    send: (args: readonly RedisArgument[]) => Promise<RedisReply>,
    pattern: string,
    through: Through,
  ): AsyncGenerator<readonly string[]> {
    let cursor = '0';
    do {
      const command = ['SCAN', cursor, 'MATCH', pattern, 'COUNT', String(SCANNED_AT_ONCE)];
      const reply = (await through(() => send(command))) as readonly RedisReply[];
      cursor = text(reply[0]!);
      const names = (reply[1] as readonly RedisReply[]).map((name) => text(name).replace(LEASE_END, ''));
      yield [...new Set(names)].map((name) => this.#names.innerKey(name)).filter((key) => key !== undefined);
    } while (cursor !== '0');
  }

  /** Its number shows the others when one of these messages is missing. */
  #sender(): Sender {
    return { src: this.#node, n: ++this.#published };
  }

  #changed(name: string, bytes: Buffer | undefined, sender: Sender = this.#sender()): string {
    return encodeBusMessage({ ...sender, keys: [[name, bytes === undefined ? 0 : checksumOf(bytes)]] }, 0);
  }

  /** The script had nothing to tell: the number is used up all the same, and would be missed. */
  #sayNothing(sender: Sender): void {
    this.#port.send(undefined, ['PUBLISH', this.#names.channel, encodeBusMessage(sender, 0)]).catch(() => {});
  }

  /** Not counted: nobody is wrong who misses it. */
  #wake(name: string): string {
    return encodeBusMessage({ src: this.#node, n: 0, wake: [name] }, 0);
  }

  #entry(script: RedisScript, key: string, args: readonly RedisArgument[]): Promise<RedisReply> {
    return this.#port.run(script, this.#names.entry(key), args);
  }
}

function checksumBytes(sum: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32LE(sum, 0);
  return bytes;
}

function milliseconds(lifeMs: number): string {
  return Number.isFinite(lifeMs) ? String(Math.max(1, Math.ceil(lifeMs))) : '';
}

function text(reply: RedisReply): string {
  return typeof reply === 'string' ? reply : String(reply);
}

/** `read`: how many members the server has listed, its own ones included. */
function readVersions(reply: RedisReply): VersionNews & { readonly read: number; readonly found: number } {
  const [now, sequence, birth, floor, pairs, found] = reply as [
    ...[now: RedisReply, sequence: RedisReply, birth: RedisReply, floor: RedisReply],
    ...[pairs?: RedisReply[], found?: RedisReply],
  ];
  const names: [string, number][] = [];
  for (let i = 0; pairs && i + 1 < pairs.length; i += 2) {
    const member = text(pairs[i]!);
    // The set's own members stand between the names.
    if (!member.startsWith('!')) names.push([wireTextBack(member), Number(text(pairs[i + 1]!))]);
  }
  return {
    serverMs: Number(text(now)) / 1000,
    sequence: Number(text(sequence)),
    found: Number(text(found ?? sequence)),
    birth: Number(text(birth)),
    floor: Number(text(floor)),
    names,
    read: (pairs?.length ?? 0) / 2,
  };
}
