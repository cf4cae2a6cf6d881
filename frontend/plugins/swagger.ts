import { copyFileSync, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { Plugin } from "vite";

const FILES = ["swagger-ui.css", "swagger-ui-bundle.js"];

/** What the API's own page, /api/docs, is drawn with: served from here, so that the page asks no other server. */
export function swagger(): Plugin {
  let [root, folder] = ["", ""];
  return {
    name: "swagger",
    apply: "build",
    configResolved(config) {
      root = config.root;
      folder = resolve(root, config.build.outDir, "swagger");
    },
    writeBundle() {
      mkdirSync(folder, { recursive: true });
      for (const file of FILES)
        copyFileSync(resolve(root, "node_modules/swagger-ui-dist", file), resolve(folder, file));
    },
  };
}
