import { defineConfig } from "vite";
import { recordSources } from "./sources.ts";

// The built page is committed: it must be in the wheel, and whoever installs that has no npm.
export default defineConfig({
  base: "/",
  plugins: [recordSources(import.meta.dirname)],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../armchair/web/server/static",
    emptyOutDir: true,
    assetsInlineLimit: 0, // the content security policy allows no data: addresses
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rollupOptions: {
      output: { entryFileNames: "assets/[name].js", chunkFileNames: "assets/[name].js", assetFileNames: "assets/[name][extname]" },
    },
  },
});
