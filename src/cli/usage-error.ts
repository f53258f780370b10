/** The command was called in a way it does not know. Its message is for the person at the keyboard; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
