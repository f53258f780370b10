/** Where every format keeps its checksum; the scripts on the server read it there too. */
export const CHECKSUM_AT = 5;

/** The checksum that an envelope carries: it tells one write of a key from another. 0 for bytes too short to be one. */
export function checksumOf(bytes: Buffer): number {
  return bytes.length < CHECKSUM_AT + 4 ? 0 : bytes.readUInt32LE(CHECKSUM_AT);
}
