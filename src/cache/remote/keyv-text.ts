const MARK = 'hp1:';

/** What stands for a value that cannot be read as bytes at all. No envelope begins so. */
export const UNREADABLE: Buffer = Buffer.from('unreadable');

/** Bytes as the text that a Keyv adapter keeps: most of them store text columns or JSON. */
export function textOf(bytes: Buffer): string {
  return MARK + bytes.toString('base64');
}

/**
 * The bytes of what a store gave back. What is none of our texts comes back as its own bytes, whatever it is: whether it is
 * ours is for the envelope to say. Never throws.
 */
export function bytesOf(stored: unknown): Buffer | undefined {
  if (stored === undefined || stored === null) return undefined;
  if (typeof stored === 'string') {
    return stored.startsWith(MARK) ? Buffer.from(stored.slice(MARK.length), 'base64') : Buffer.from(stored);
  }
  if (stored instanceof Uint8Array) {
    // Some adapters give back the bytes of the text.
    const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
    return bytes.toString('latin1', 0, MARK.length) === MARK ? bytesOf(bytes.toString('latin1')) : bytes;
  }
  try {
    return Buffer.from(JSON.stringify(stored));
  } catch {
    return UNREADABLE;
  }
}
