// Bundles the page and the editor's workers into dist/, with the notices of what went in.
// Every name carries a digest of the content, so that a browser may keep a file for good.

import { readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { build } from "esbuild";

import { notices } from "./notices.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");

const options = {
  absWorkingDir: here,
  outdir: dist,
  bundle: true,
  minify: true,
  metafile: true,
  target: ["es2022"],
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  define: { "process.env.NODE_ENV": '"production"' },
  legalComments: "external", // gathered into NOTICES.txt
  logLevel: "warning",
};

const WORKERS = {
  EDITOR_WORKER: "node_modules/monaco-editor/esm/vs/editor/editor.worker.js",
  JSON_WORKER: "node_modules/monaco-editor/esm/vs/language/json/json.worker.js",
  GRAPHQL_WORKER: "node_modules/monaco-graphql/esm/graphql.worker.js",
};

function outputOf(result, entry) {
  return Object.keys(result.metafile.outputs).find((path) => result.metafile.outputs[path].entryPoint === entry);
}

await rm(dist, { recursive: true, force: true });

const workers = await build({ ...options, format: "iife", entryPoints: Object.values(WORKERS) });
const workerNames = Object.entries(WORKERS).map(([word, entry]) => {
  return [word, JSON.stringify(`./${basename(outputOf(workers, entry))}`)];
});
const page = await build({
  ...options,
  format: "esm",
  splitting: true, // the editor's parts and the formatter arrive when they are needed
  jsx: "automatic",
  entryPoints: ["src/index.jsx"],
  define: { ...options.define, ...Object.fromEntries(workerNames) },
  loader: { ".ttf": "file" },
  // GraphiQL imports these parsers by their CommonJS names; a part that is CommonJS arrives without its named exports.
  alias: {
    "prettier/parser-babel": "prettier/plugins/babel",
    "prettier/parser-graphql": "prettier/plugins/graphql",
  },
});

const script = outputOf(page, "src/index.jsx");
const style = page.metafile.outputs[script].cssBundle;
const files = [];
const comments = [];
for (const path of Object.keys({ ...workers.metafile.outputs, ...page.metafile.outputs }).sort()) {
  const file = basename(path);
  if (path.endsWith(".css") && path !== style) {
    await rm(join(dist, file)); // a part's own style sheet: the page's holds it already, and nothing asks for it
    continue;
  }
  if (path.endsWith(".LEGAL.txt")) {
    comments.push(await readFile(join(dist, file), "utf8"));
    await rm(join(dist, file));
    continue;
  }
  files.push(file);
  const packed = await promisify(gzip)(await readFile(join(dist, file)), { level: 9 });
  await writeFile(join(dist, `${file}.gz`), packed);
}

const inputs = [workers, page].flatMap((result) => Object.keys(result.metafile.inputs));
await writeFile(join(dist, "NOTICES.txt"), await notices(here, inputs, comments));
// Written last: a folder without it is not a finished build.
const manifest = { script: basename(script), style: basename(style), files: [...files, "NOTICES.txt"] };
await writeFile(join(dist, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
