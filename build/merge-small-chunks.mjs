import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, posix, relative } from 'node:path';
import { build } from 'esbuild';

/** A chunk that is larger is kept as it is: a host of one module would read it for nothing. */
const SMALL_BYTES = 16_000;
const ROOT = 'index.js';
const MERGED = 'core.js';

/**
 * Makes one file of the small chunks of src/core. Every set of entries that share a file has a chunk of its own, so that core falls into a
 * dozen of them, and reading and compiling each is what importing the package waits for. Only those are merged that the root loads at its start, and that need no other chunk.
 *
 * @param {string} dist - folder of the ESM build
 */
export async function mergeSmallChunks(dist) {
  const files = (await readdir(dist, { recursive: true })).filter((file) => file.endsWith('.js'));
  const texts = new Map(await Promise.all(files.map(async (file) => [file, await readFile(join(dist, file), 'utf8')])));
  const small = new Set([...loadedWith(ROOT, texts)].filter((file) => isSmall(file, texts.get(file))));
  // What imports a chunk that stays would make a circle.
  for (let before = -1; before !== small.size; ) {
    before = small.size;
    for (const file of small) if (importsOf(texts.get(file)).some((name) => !small.has(name))) small.delete(file);
  }
  if (small.size === 0)
    throw new Error(`no small chunks of src/core in ${dist}: does the build still mark where its pieces come from?`);
  const exported = [...small].flatMap((file) => exportsOf(texts.get(file)));
  if (new Set(exported).size < exported.length) throw new Error(`two small chunks export one name: ${exported.sort()}`);
  const { outputFiles } = await build({
    stdin: { contents: [...small].map((file) => `export * from './${file}';`).join('\n'), resolveDir: dist },
    ...{ bundle: true, format: 'esm', platform: 'node', target: 'node20', write: false },
  });
  await writeFile(join(dist, MERGED), outputFiles[0].contents);
  for (const [file, text] of texts) {
    if (small.has(file)) await rm(join(dist, file));
    else await writeFile(join(dist, file), withMerged(file, text, small));
  }
}

/** What is loaded at the start together with a file: what it imports, and what that imports. */
function loadedWith(file, texts, loaded = new Set()) {
  for (const name of importsOf(texts.get(file))) {
    if (loaded.has(name)) continue;
    loaded.add(name);
    loadedWith(name, texts, loaded);
  }
  return loaded;
}

function isSmall(file, text) {
  const sources = [...text.matchAll(/^\/\/ (\S+\.ts)$/gm)].map(([, source]) => source);
  const isOfCore = sources.length > 0 && sources.every((source) => source.startsWith('src/core/'));
  return isOfCore && /^chunk-\w+\.js$/.test(file) && text.length < SMALL_BYTES;
}

function importsOf(text) {
  return [...text.matchAll(/^(?:import|\} from|export) ?(?:.* from )?['"]\.\/(\S+?)['"];/gm)].map(([, name]) => name);
}

function exportsOf(text) {
  const names = /^export \{ (.*) \};/m.exec(text)?.[1]?.split(', ') ?? [];
  return names.map((name) => name.split(' as ').at(-1));
}

function withMerged(file, text, small) {
  const merged = relative(dirname(file), MERGED).replaceAll('\\', '/');
  const path = merged.startsWith('.') ? merged : `./${merged}`;
  return text.replaceAll(/(['"])((?:\.\.?\/)+chunk-\w+\.js)\1/g, (whole, quote, target) => {
    const name = posix.join(posix.dirname(file.replaceAll('\\', '/')), target);
    return small.has(name) ? `${quote}${path}${quote}` : whole;
  });
}
