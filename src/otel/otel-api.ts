import { peerError } from '../core/optional-peer.js';
import type { BridgeTroubles } from './bridge-troubles.js';
import type { OtelApiLike } from './tracer-like.js';

/** Loads the optional peer @opentelemetry/api. Rejects with `MISSING_PEER` where it is not installed. */
export async function loadOtelApi(): Promise<OtelApiLike> {
  try {
    return (await import('@opentelemetry/api')) as unknown as OtelApiLike;
  } catch (error) {
    throw peerError(error, '@opentelemetry/api', 'looking up the active span');
  }
}

/** Whether the package is there. `not needed`: nobody asked for spans. */
export type ApiState = 'given' | 'not needed' | 'loading' | 'loaded' | 'missing';

/** The package @opentelemetry/api: the host's, or loaded once it is asked for. */
export class OtelApi {
  readonly #load: () => Promise<OtelApiLike>;
  readonly #troubles: BridgeTroubles;
  #api: OtelApiLike | undefined;
  #loading: Promise<void> | undefined;
  state: ApiState;

  constructor(
    given: OtelApiLike | undefined,
    troubles: BridgeTroubles,
    load: () => Promise<OtelApiLike> = loadOtelApi,
  ) {
    this.#api = given;
    this.#troubles = troubles;
    this.#load = load;
    this.state = given ? 'given' : 'not needed';
  }

  get(): OtelApiLike | undefined {
    return this.#api;
  }

  /** Never rejects: without the package the bridge does what it can without. */
  load(): Promise<void> {
    if (this.#api) return Promise.resolve();
    if (this.#loading) return this.#loading;
    this.state = 'loading';
    this.#loading = this.#load().then(
      (api) => {
        this.#api = api;
        this.state = 'loaded';
      },
      (error: unknown) => {
        this.state = 'missing';
        this.#troubles.report(error, 'loading @opentelemetry/api');
      },
    );
    return this.#loading;
  }
}
