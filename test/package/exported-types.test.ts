import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { usePacked } from './use-packed.js';

const { consumer } = usePacked();
const DIST = realpathSync(join(consumer, 'node_modules/hotpath/dist'));
/** How the types of wrappers are worked out, and the shapes of Redis clients: nobody has a value of these to name. */
const MACHINERY = ['AnyFunction', 'AsyncFunction', 'Fitting', 'PlainRest', 'Emits', 'RedisArgument'];

/** What an entry's declarations export, and which types of ours these name that it does not export. */
function namesOf(entry: string): { exported: Set<string>; missing: Set<string> } {
  const file = join(DIST, entry);
  const program = ts.createProgram([file], {
    ...{ module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 },
    ...{ target: ts.ScriptTarget.ES2022, skipLibCheck: true, types: [] },
  });
  const checker = program.getTypeChecker();
  const resolved = (symbol: ts.Symbol): ts.Symbol =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
  const exports = checker.getExportsOfModule(module);
  const known = new Set(exports.map(resolved));
  const missing = new Set<string>();
  const visit = (node: ts.Node): void => {
    const name = ts.isTypeReferenceNode(node)
      ? node.typeName
      : ts.isExpressionWithTypeArguments(node) && node.expression;
    const symbol = name && checker.getSymbolAtLocation(name);
    const type = symbol && resolved(symbol);
    if (type && isOurs(type) && !known.has(type)) missing.add(type.name);
    ts.forEachChild(node, visit);
  };
  for (const symbol of known) symbol.declarations?.forEach(visit);
  return { exported: new Set(exports.map((symbol) => symbol.name)), missing };
}

/** A type that the package declares; no type parameter. */
function isOurs(symbol: ts.Symbol): boolean {
  const types = ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias | ts.SymbolFlags.Class;
  if ((symbol.flags & types) === 0) return false;
  return (symbol.declarations ?? []).some((declaration) => declaration.getSourceFile().fileName.startsWith(DIST));
}

describe('the types of an entry', () => {
  it.each([
    ['monitor', 100],
    ['async', 70],
    ['memory', 25],
  ])('are all that its declarations name, for hotpath/%s', (module, most) => {
    const { exported, missing } = namesOf(`${module}/index.d.ts`);
    expect(exported.size).toBeGreaterThan(most);
    expect([...missing].filter((name) => !MACHINERY.includes(name)).sort()).toEqual([]);
  });

  it('are all that its declarations name, for hotpath/otel, beside what a reader of hotpath/monitor answers with', () => {
    const { exported, missing } = namesOf('otel/index.d.ts');
    const { exported: ofMonitor } = namesOf('monitor/index.d.ts');
    expect([...exported]).toEqual(expect.arrayContaining(['Clock', 'Logger', 'Metadata', 'MonitorReader']));
    expect([...missing].filter((name) => !ofMonitor.has(name)).sort()).toEqual([]);
  });
});
