import * as zlib from 'node:zlib';

/** CRC-32 as in gzip and PNG (ISO 3309, polynomial 0xEDB88320): unsigned. Zlib's own where Node has it (20.15 and later). */
export function crc32(bytes: Uint8Array): number {
  return native === undefined ? crc32ByTable(bytes) : native(bytes);
}

// By the namespace: an import by name would not link where zlib lacks it.
const native: ((bytes: Uint8Array) => number) | undefined = (zlib as { crc32?: (bytes: Uint8Array) => number }).crc32;

let tables: readonly Uint32Array[] | undefined;

/** The same, four bytes a step (Kounavis, Berry: "A Systematic Approach to Building High Performance CRC Generators", 2005). */
export function crc32ByTable(bytes: Uint8Array): number {
  tables ??= makeTables();
  const [t0, t1, t2, t3] = tables as readonly [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  const { length } = bytes;
  const whole = length - (length % 4);
  let crc = -1;
  for (let i = 0; i < whole; i += 4) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    crc = t3[crc & 0xff]! ^ t2[(crc >>> 8) & 0xff]! ^ t1[(crc >>> 16) & 0xff]! ^ t0[crc >>> 24]!;
  }
  for (let i = whole; i < length; i++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[i]!) & 0xff]!;
  return ~crc >>> 0;
}

/** Table n holds the remainder of each byte that n zero bytes follow. */
function makeTables(): readonly Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    return crc;
  });
  const all = [first];
  for (let n = 1; n < 4; n++) all.push(all[n - 1]!.map((crc) => (crc >>> 8) ^ first[crc & 0xff]!));
  return all;
}
