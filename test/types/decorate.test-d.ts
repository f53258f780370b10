import { describe, expectTypeOf, it } from 'vitest';
import type { AsyncWrapper } from '../../src/core/decorate.js';

interface Row {
  readonly n: number;
}
class Base {
  readonly base = 1;
}

declare const anyCall: AsyncWrapper;
/** As an option like `tags: (result: Row, id: string) => string[]` makes it. */
declare const rowsById: AsyncWrapper<[id: string], Row>;
declare const ofBase: AsyncWrapper<readonly unknown[], unknown, Base>;

describe('a wrapped function', () => {
  it('keeps parameters and result', () => {
    const wrapped = anyCall(async (name: string, count: number) => ({ name, count }));
    expectTypeOf(wrapped).toEqualTypeOf<(name: string, count: number) => Promise<{ name: string; count: number }>>();
    // @ts-expect-error the first parameter is a string
    wrapped(1, 2);
  });

  it('keeps type parameters', () => {
    const wrapped = anyCall(async <T>(value: T) => value);
    expectTypeOf(wrapped('x' as const)).toEqualTypeOf<Promise<'x'>>();
  });

  it('keeps its receiver', () => {
    const wrapped = anyCall(async function (this: Base, more: number) {
      return this.base + more;
    });
    expectTypeOf(wrapped).thisParameter.toEqualTypeOf<Base>();
  });

  it('may take more than the callbacks look at', () => {
    const wrapped = rowsById(async (id: string, factor: number) => ({ n: factor, id }));
    expectTypeOf(wrapped).toEqualTypeOf<(id: string, factor: number) => Promise<{ n: number; id: string }>>();
  });

  it('must answer with a promise, and suit the callbacks', () => {
    // @ts-expect-error synchronous
    anyCall((name: string) => name);
    // @ts-expect-error the callbacks take a string
    rowsById(async (id: number) => ({ n: id }));
    // @ts-expect-error the callbacks take a Row
    rowsById(async (id: string) => id);
  });
});

describe('a method under a standard decorator', () => {
  it('keeps its type in every kind of method', () => {
    class Reports extends Base {
      @anyCall async one(name: string): Promise<number> {
        return name.length;
      }
      @anyCall async generic<T>(value: T): Promise<T> {
        return value;
      }
      @anyCall static async shared(name: string): Promise<number> {
        return name.length;
      }
      @anyCall async #hidden(name: string): Promise<number> {
        return name.length;
      }
      @anyCall async withThis(this: Reports, name?: string, ...rest: number[]): Promise<number> {
        return rest.length + (await this.#hidden(name ?? ''));
      }
      @rowsById async byId(id: string, factor?: number): Promise<Row> {
        return { n: id.length * (factor ?? 1) };
      }
      @ofBase async fromBase(name: string): Promise<number> {
        return name.length + this.base;
      }
      @anyCall async inferred() {
        return { n: 1 };
      }
    }
    const reports = new Reports();
    expectTypeOf(reports.one).toEqualTypeOf<(name: string) => Promise<number>>();
    expectTypeOf(reports.generic('x' as const)).toEqualTypeOf<Promise<'x'>>();
    expectTypeOf(reports.inferred()).toEqualTypeOf<Promise<{ n: number }>>();
    expectTypeOf(Reports.shared('a')).toEqualTypeOf<Promise<number>>();
    expectTypeOf(reports.byId).returns.toEqualTypeOf<Promise<Row>>();
  });

  it('is refused where it does not fit', () => {
    class Wrong {
      // @ts-expect-error synchronous
      @anyCall sync(name: string): number {
        return name.length;
      }
      // @ts-expect-error the callbacks take a string
      @rowsById async otherParameter(id: number): Promise<Row> {
        return { n: id };
      }
      // @ts-expect-error the callbacks take a Row
      @rowsById async otherResult(id: string): Promise<string> {
        return id;
      }
      // @ts-expect-error the wrapper reads its instance from a Base
      @ofBase async otherReceiver(name: string): Promise<number> {
        return name.length;
      }
      // @ts-expect-error a getter
      @anyCall get got(): number {
        return 1;
      }
      // @ts-expect-error a field
      @anyCall field = async (): Promise<number> => 1;
    }
    expectTypeOf<Wrong>().toBeObject();
  });
});
