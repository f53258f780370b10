/** Like a query builder: runs each time it is awaited, and not before. */
export class Query {
  readonly parts = ['select'];
  runs = 0;
  where(condition: string): this {
    this.parts.push(condition);
    return this;
  }
  // biome-ignore lint/suspicious/noThenProperty: what is tested
  then<A, B>(done?: (text: string) => A, failed?: (error: unknown) => B): Promise<A | B> {
    this.runs++;
    return Promise.resolve(this.parts.join(' ')).then(done, failed);
  }
}

/** Like the promise of a model client: its own is settled at once, and `then`, `catch` and `finally` go to another. */
export class SdkPromise<T> extends Promise<T> {
  readonly #response: Promise<T>;
  constructor(response: Promise<T>) {
    super((resolve) => resolve(null as T));
    this.#response = response;
  }
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }
  async asResponse(): Promise<{ status: number }> {
    await this.#response;
    return { status: 200 };
  }
  async withResponse(): Promise<{ data: T; response: { status: number } }> {
    const [data, response] = await Promise.all([this.#response, this.asResponse()]);
    return { data, response };
  }
  // biome-ignore lint/suspicious/noThenProperty: what is tested
  override then<A = T, B = never>(
    done?: ((value: T) => A | PromiseLike<A>) | null,
    failed?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#response.then(done, failed);
  }
  override catch<B = never>(failed?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.#response.catch(failed);
  }
  override finally(last?: (() => void) | null): Promise<T> {
    return this.#response.finally(last);
  }
}
