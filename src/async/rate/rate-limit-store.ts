/** What a reservation in a shared store came to. */
export type StoreAnswer =
  | {
      readonly granted: true;
      /** Names the reservation for `settle`. */
      readonly ticket: string;
      readonly usage: StoreUsage;
    }
  | { readonly granted: false; readonly waitMs: number; readonly usage: StoreUsage };

/** What a store says of the limit besides. */
export interface StoreUsage {
  /** In the window, of all processes. */
  readonly requests: number;
  readonly tokens: number;
  /** Processes that asked in the last minute, this one included: at least 1. */
  readonly processes: number;
  /** Changes when the store has lost its counts. */
  readonly epoch: string;
}

/** Limits of a window; Infinity where there is none. */
export interface WindowLimits {
  readonly requests: number;
  readonly tokens: number;
  readonly windowMs: number;
}

/** Where processes share a rate limit. Every method may reject or hang: the limiter goes on by itself then. */
export interface RateLimitStore {
  /** Counts one call of so many tokens if that keeps every window within the limits; atomic. */
  reserve(key: string, processId: string, tokens: number, limits: WindowLimits): Promise<StoreAnswer>;
  /** Corrects a reservation by this many requests and tokens, up or down. */
  settle(
    key: string,
    ticket: string,
    change: { readonly requests: number; readonly tokens: number },
    limits: WindowLimits,
  ): Promise<void>;
  /** Nobody is granted anything for so long. */
  coolDown(key: string, ms: number): Promise<void>;
  close(): Promise<void>;
}
