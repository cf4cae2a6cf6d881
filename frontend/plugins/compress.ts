import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, gzip, constants as zlib } from "node:zlib";
import type { Plugin } from "vite";

const ENDINGS = new Set([".css", ".html", ".js", ".json", ".svg", ".ttf"]);
const SMALLEST = 1_000;
// The step to 11 halves the speed for two per cent.
const QUALITY = 10;

/** Lays a .br and a .gz beside each file that they make smaller: the API sends them as they are. */
export function compress(): Plugin {
  let folder = "";
  return {
    name: "compress",
    apply: "build",
    configResolved({ root, build }) {
      folder = resolve(root, build.outDir);
    },
    async closeBundle() {
      const found = await readdir(folder, { recursive: true });
      const paths = found.filter((name) => ENDINGS.has(extname(name))).map((name) => resolve(folder, name));
      await Promise.all(paths.map(compressFile));
    },
  };
}

async function compressFile(path: string): Promise<void> {
  if ((await stat(path)).size < SMALLEST) return;
  const plain = await readFile(path);
  const params = { [zlib.BROTLI_PARAM_QUALITY]: QUALITY, [zlib.BROTLI_PARAM_SIZE_HINT]: plain.length };
  await writeFile(`${path}.br`, await promisify(brotliCompress)(plain, { params }));
  await writeFile(`${path}.gz`, await promisify(gzip)(plain, { level: 9 }));
}
