import { describe, expect, it } from 'vitest';

/** A real server that tests may use: a way to start it, or why there is none and how to get it. */
export type Found<Server> = { readonly from: string; start(): Promise<Server> } | { readonly missing: string };

/**
 * A suite that needs a service. Without the service it is skipped under its own name, with what to do about it; with
 * `CI=true` it fails instead, so that a run that looks green has really run everything.
 */
export function describeWith<Server>(
  name: string,
  found: Found<Server>,
  body: (start: () => Promise<Server>) => void,
): void {
  if ('start' in found) {
    describe(name, () => body(() => found.start()));
    return;
  }
  if (process.env['CI'] === 'true') {
    describe(name, () => {
      it('has its service', () => {
        expect.fail(found.missing);
      });
    });
    return;
  }
  console.warn(`skipped: ${name}: ${found.missing}`);
  describe.skip(`${name} (${found.missing})`, () => body(() => Promise.reject(new Error(found.missing))));
}
