import react from "@vitejs/plugin-react";
import type { ProxyOptions } from "vite";
import { defineConfig } from "vitest/config";
import { compress } from "./plugins/compress.ts";
import { plotlyScript } from "./plugins/plotly.ts";
import { startScript } from "./plugins/start.ts";
import { swagger } from "./plugins/swagger.ts";

const target = process.env.RIDGELINE_URL ?? "http://127.0.0.1:8000";

// The API takes changes from its own page only: what the development server hands on comes from there.
const ownOrigin: ProxyOptions["configure"] = (proxy) => {
  proxy.on("proxyReq", (request) => {
    if (request.getHeader("origin")) request.setHeader("origin", target);
  });
};

export default defineConfig({
  plugins: [react(), plotlyScript(), startScript(), swagger(), compress()],
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // What several pages share comes in one file instead of in ten: on a busy machine each request costs more than its
    // bytes. Formulas are large, and come when one is shown.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [{ name: "shared", minShareCount: 2, test: /^(?!.*(katex|\/Formula\.tsx))/ }],
        },
      },
    },
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": { target, changeOrigin: true, configure: ownOrigin } },
  },
  test: { environment: "happy-dom", setupFiles: ["src/testSetup.ts"], restoreMocks: true },
});
