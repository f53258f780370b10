import { type Fields, fieldsIn, read } from './error-chain.js';
import type { FailureKind } from './failure.js';

/** By code: https://grpc.io/docs/guides/status-codes/. Of 2 (UNKNOWN) and 15 (DATA_LOSS) nothing is known. */
const KINDS: Readonly<Record<number, FailureKind>> = {
  // CANCELLED, INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, FAILED_PRECONDITION, OUT_OF_RANGE, UNIMPLEMENTED, UNAUTHENTICATED
  ...{ 1: 'permanent', 3: 'permanent', 5: 'permanent', 6: 'permanent', 7: 'permanent' },
  ...{ 9: 'permanent', 11: 'permanent', 12: 'permanent', 16: 'permanent' },
  // DEADLINE_EXCEEDED
  4: 'overloaded',
  // RESOURCE_EXHAUSTED
  8: 'rate-limited',
  // ABORTED, INTERNAL, UNAVAILABLE
  ...{ 10: 'transient', 13: 'transient', 14: 'transient' },
};

/** What the status of a gRPC error says. A number alone may be anybody's: such an error has `details` or `metadata` too. */
export function kindOfGrpcStatus(link: Fields): FailureKind | undefined {
  const code = read(link, 'code');
  if (typeof code !== 'number') return undefined;
  if (typeof read(link, 'details') !== 'string' && fieldsIn(link, 'metadata') === undefined) return undefined;
  return KINDS[code];
}
