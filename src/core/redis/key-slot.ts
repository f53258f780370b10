/** How many slots a Redis Cluster divides its keys into. */
export const SLOTS = 16_384;

/** CRC16-CCITT (XModem: polynomial 0x1021, start 0) of the 16 values that four bits have: half a byte is one step. */
const CRC16_OF_NIBBLE = [
  0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5, 0x60c6, 0x70e7, 0x8108, 0x9129, 0xa14a, 0xb16b, 0xc18c, 0xd1ad,
  0xe1ce, 0xf1ef,
] as const;

/**
 * The slot of a key, 0 to 16383: CRC16 modulo 16384 of the text between the first `{` and the next `}`, or of the whole key
 * where there is no such text. After the Redis Cluster specification, "Key distribution model" and "Hash tags".
 */
export function keySlot(key: string): number {
  const open = key.indexOf('{');
  if (open === -1) return slotOf(key, 0, key.length);
  const close = key.indexOf('}', open + 1);
  return close <= open + 1 ? slotOf(key, 0, key.length) : slotOf(key, open + 1, close);
}

function slotOf(key: string, from: number, to: number): number {
  let crc = 0;
  for (let i = from; i < to; i++) {
    const byte = key.charCodeAt(i);
    if (byte > 127) return slotOfBytes(Buffer.from(key.slice(from, to)));
    crc = step(crc, byte);
  }
  return crc % SLOTS;
}

function slotOfBytes(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) crc = step(crc, byte);
  return crc % SLOTS;
}

function step(crc: number, byte: number): number {
  const half = ((crc << 4) & 0xffff) ^ (CRC16_OF_NIBBLE[(crc >> 12) ^ (byte >> 4)] ?? 0);
  return ((half << 4) & 0xffff) ^ (CRC16_OF_NIBBLE[(half >> 12) ^ (byte & 15)] ?? 0);
}
