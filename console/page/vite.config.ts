import { defineConfig } from "vite";
import { join } from "node:path";
import { packAssets } from "./packed.ts";
import { recordSources } from "./sources.ts";

// What is built is committed: it must be in the wheel, and whoever installs that has no npm. By mode, `vite build --mode
// drive` makes the page of `--hand network`, which is in a package that knows no console.
const PAGES = {
  production: { input: "index.html", outDir: "../armchair/web/server/static" },
  drive: { input: "drive.html", outDir: "../../robot/armchair_robot/teleoperators/network/static" },
};

export default defineConfig(({ mode }) => {
  const { input, outDir } = mode === "drive" ? PAGES.drive : PAGES.production;
  return {
    base: "/",
    plugins: [recordSources(import.meta.dirname), packAssets(join(import.meta.dirname, outDir))],
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      outDir,
      emptyOutDir: true,
      assetsInlineLimit: 0, // the content security policy allows no data: addresses
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 900,
      rollupOptions: {
        input,
        // Browsers keep them for a year: another content is another name.
        output: { entryFileNames: "assets/[name]-[hash].js", chunkFileNames: "assets/[name]-[hash].js", assetFileNames: "assets/[name]-[hash][extname]" },
      },
    },
  };
});
