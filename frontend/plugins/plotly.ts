import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

const SOURCE = "node_modules/plotly.js-cartesian-dist-min/plotly-cartesian.min.js";
// Lets the browser compile all of it beside the page's own thread while it comes in, instead of function by function
// when it runs. A browser that does not know the hint reads a comment.
const HINT = "//# allFunctionsCalledOnLoad\n";
const GLOBAL_SHEET = "plotly.js-style-global";
// The rules of its maps, of which the page has none.
const MAP_SHEET = /document\.getElementById\("([0-9a-f]{64})"\)/g;

/**
 * plotly.js writes rules into style elements of its own, which a content security policy without inline styles ignores.
 * It takes an element of the same id instead: one whose sheet is constructed, which is no part of the document.
 */
function makeSheets(ids: string[]): string {
  return `(function () {
  for (const id of ${JSON.stringify(ids)}) {
    const element = document.createElement("meta");
    element.id = id;
    element.sheet = new CSSStyleSheet();
    document.adoptedStyleSheets.push(element.sheet);
    document.head.append(element);
  }
})();
`;
}

function readPlotly(): { address: string; code: string } {
  const script = readFileSync(SOURCE, "utf8");
  const maps = [...script.matchAll(MAP_SHEET)].map((found) => found[1] ?? "");
  const code = HINT + makeSheets([GLOBAL_SHEET, ...new Set(maps)]) + script;
  const hash = createHash("sha256").update(code).digest("base64url").slice(0, 8);
  return { address: `/assets/plotly-cartesian-${hash}.js`, code };
}

const plotly = readPlotly();

/** Where the page finds plotly.js: named by its content, so that a browser keeps it for ever. */
export const PLOTLY_ADDRESS = plotly.address;

/**
 * plotly.js as a classic script: it starts while the modules still come in, and after a failure it can be asked for
 * again, which a browser does not do for a module.
 */
export function plotlyScript(): Plugin {
  return {
    name: "plotly-script",
    config: () => ({ define: { PLOTLY_ADDRESS: JSON.stringify(PLOTLY_ADDRESS) } }),
    configureServer({ middlewares }) {
      middlewares.use(PLOTLY_ADDRESS, (_request, response) => {
        response.setHeader("Content-Type", "text/javascript").end(plotly.code);
      });
    },
    generateBundle() {
      this.emitFile({ type: "asset", fileName: PLOTLY_ADDRESS.slice(1), source: plotly.code });
    },
  };
}
