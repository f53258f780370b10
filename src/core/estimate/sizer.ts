/** One estimate on its way: what its parts count with. */
export interface Sizer {
  /** Objects and fields that may still be looked at. Whatever is beyond counts like the average of what was seen. */
  left: number;
  /** Bytes of a value. `looks` bounds what a list in it spends on its elements. 0 for an object that was counted before. */
  bytesOf(value: unknown, looks: number): number;
  /** Whether this is the first sight of an object in this estimate. */
  isNew(value: object): boolean;
  /** Whether a short text was among the last few different ones. */
  isKnownText(text: string): boolean;
}
