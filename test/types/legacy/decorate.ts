// Checked by tsc with `experimentalDecorators`: what NestJS applications compile with. Never run.
import type { AsyncWrapper } from '../../../src/core/decorate.js';

interface Row {
  readonly n: number;
}
class Base {
  readonly base = 1;
}

declare const anyCall: AsyncWrapper;
declare const rowsById: AsyncWrapper<[id: string], Row>;
declare const ofBase: AsyncWrapper<readonly unknown[], unknown, Base>;

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_verdict: Equal<A, B>): void => {};

export class Reports extends Base {
  @anyCall async one(name: string): Promise<number> {
    return name.length;
  }
  @anyCall async generic<T>(value: T): Promise<T> {
    return value;
  }
  @anyCall static async shared(name: string): Promise<number> {
    return name.length;
  }
  @anyCall async withThis(this: Reports, name?: string, ...rest: number[]): Promise<number> {
    return rest.length + (name?.length ?? 0);
  }
  @rowsById async byId(id: string, factor?: number): Promise<Row> {
    return { n: id.length * (factor ?? 1) };
  }
  @ofBase async fromBase(name: string): Promise<number> {
    return name.length + this.base;
  }
}

export class Wrong {
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

// What the decorator returns for a descriptor, taken apart by hand: the very same function type, never `any`.
declare const descriptor: TypedPropertyDescriptor<(name: string) => Promise<number>>;
const decorated = anyCall(new Reports(), 'one', descriptor);
same<typeof decorated, TypedPropertyDescriptor<(name: string) => Promise<number>>>(true);
// @ts-expect-error `same` can fail
same<typeof decorated, TypedPropertyDescriptor<(name: string) => Promise<string>>>(true);
