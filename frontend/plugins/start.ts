import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { minify, type Plugin, type Rolldown, transformWithOxc } from "vite";
import { PLOTLY_ADDRESS } from "./plotly.ts";

const SOURCE = "src/start.ts";

/**
 * Names src/start.ts by its content, so that a browser keeps it for ever, and tells it which files an experiment's page
 * needs: the browser starts on them while it still reads the head, instead of after the main chunk has run.
 */
export function startScript(): Plugin {
  let folder = "";
  let file = { name: "", code: "" };
  return {
    name: "start-script",
    apply: "build",
    configResolved({ root, build }) {
      folder = resolve(root, build.outDir);
    },
    async buildStart() {
      const source = readFileSync(SOURCE, "utf8");
      const { code } = await transformWithOxc(`(() => {${source}})()`, SOURCE);
      const small = (await minify("start.js", code, { module: false })).code;
      const hash = createHash("sha256").update(small).digest("base64url").slice(0, 8);
      file = { name: `assets/start-${hash}.js`, code: small };
    },
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle }) {
        const files = listFiles(bundle ?? {}).join(" ");
        return html.replace(
          `src="/${SOURCE}"`,
          `src="/${file.name}" data-plotly="${PLOTLY_ADDRESS}" data-files="${files}"`,
        );
      },
    },
    writeBundle() {
      writeFileSync(resolve(folder, file.name), file.code);
    },
  };
}

function listFiles(bundle: Rolldown.OutputBundle): string[] {
  const chunk = Object.values(bundle).find(
    (one) => one.type === "chunk" && one.facadeModuleId?.endsWith("/experiment/page/ExperimentPage.tsx"),
  );
  if (chunk?.type !== "chunk")
    throw new Error("the build must have a chunk of experiment/page/ExperimentPage.tsx");
  return [chunk.fileName, ...chunk.imports, ...(chunk.viteMetadata?.importedCss ?? [])].map(
    (name) => `/${name}`,
  );
}
