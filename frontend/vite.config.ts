import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// On the experiment route the page needs plotly.js and its own chunk at once; the browser starts on both
// while it still reads the head, instead of after the main chunk has run.
function preloadExperiment(): Plugin {
  return {
    name: "preload-experiment",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle }) {
        const chunk = Object.values(bundle ?? {}).find(
          (file) => file.type === "chunk" && file.facadeModuleId?.endsWith("/experiment/ExperimentPage.tsx"),
        );
        if (chunk?.type !== "chunk") return [];
        const styles = [...(chunk.viteMetadata?.importedCss ?? [])].map((file) => `/${file}`);
        const modules = [chunk.fileName, ...chunk.imports].map((file) => `/${file}`);
        return [
          {
            tag: "script",
            injectTo: "head",
            children: `if(/^\\/experiments\\/\\d/.test(location.pathname))for(const [r,a,fs] of [["modulepreload","script",${JSON.stringify(modules)}],["preload","style",${JSON.stringify(styles)}]])for(const f of fs){const l=document.createElement("link");l.rel=r;l.as=a;l.href=f;l.crossOrigin="";document.head.append(l)}`,
          },
        ];
      },
    },
  };
}

export default defineConfig({
  plugins: [react(), preloadExperiment()],
  build: { target: "es2022", modulePreload: { polyfill: false } },
  server: {
    host: "127.0.0.1",
    proxy: Object.fromEntries(
      ["/api", "/plotly.js"].map((path) => [path, process.env.RIDGELINE_URL ?? "http://127.0.0.1:8000"]),
    ),
  },
  test: { environment: "happy-dom", setupFiles: ["src/testing.ts"], restoreMocks: true },
});
