// The dashboard's browser page as strings: `hotpath:dashboard-client` is made from src/monitor/dashboard/client when something
// imports it, in the build and in tests alike, so that no generated file is kept.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const SPECIFIER = 'hotpath:dashboard-client';
const FOLDER = fileURLToPath(new URL('../src/monitor/dashboard/client/', import.meta.url));

/** What would end, or change the meaning of, the element that the text is inlined into. */
const BREAKS_OUT = /<\/(script|style)|<!--|<script/i;

/** One script with uPlot inside, one style sheet, and the markup they belong to. */
export async function bundleDashboardClient() {
  const { outputFiles } = await build({
    entryPoints: [`${FOLDER}main.ts`, `${FOLDER}style.css`],
    outdir: FOLDER,
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    // Any charset would do, but a reader of the page's source should find no surprises.
    charset: 'ascii',
    legalComments: 'none',
    tsconfig: `${FOLDER}tsconfig.json`,
    write: false,
  });
  const text = (ending) => outputFiles.find(({ path }) => path.endsWith(ending)).text.trim();
  const client = { script: text('.js'), style: text('.css'), markup: await readFile(`${FOLDER}index.html`, 'utf8') };
  for (const part of ['script', 'style']) {
    const found = BREAKS_OUT.exec(client[part]);
    if (found) throw new Error(`the dashboard's ${part} holds ${found[0]}, which can't be inlined`);
  }
  return client;
}

async function asModule() {
  const client = await bundleDashboardClient();
  return Object.entries(client)
    .map(([name, text]) => `export const ${name} = ${JSON.stringify(text)};\n`)
    .join('');
}

/** For tsup. */
export function dashboardClientForEsbuild() {
  return {
    name: SPECIFIER,
    setup(builder) {
      builder.onResolve({ filter: new RegExp(`^${SPECIFIER}$`) }, ({ path }) => ({ path, namespace: SPECIFIER }));
      builder.onLoad({ filter: /.*/, namespace: SPECIFIER }, async () => ({
        contents: await asModule(),
        loader: 'js',
      }));
    },
  };
}

/** For Vitest. */
export function dashboardClientForVite() {
  const id = `\0${SPECIFIER}`;
  return {
    name: SPECIFIER,
    resolveId: (source) => (source === SPECIFIER ? id : null),
    load: (source) => (source === id ? asModule() : null),
  };
}
