/** Whether V8 keeps a number in the slot itself: a whole one of 32 bits, and no negative zero. */
export function isSmallInteger(value: number): boolean {
  return (value | 0) === value && (value !== 0 || !Object.is(value, -0));
}
