// Every script and style sheet packed once, beside itself: whoever serves them packs nothing.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

export function packAssets(outDir: string): Plugin {
  return {
    name: "pack-assets",
    closeBundle() {
      const folder = join(outDir, "assets");
      for (const name of readdirSync(folder)) {
        writeFileSync(join(folder, `${name}.gz`), gzipSync(readFileSync(join(folder, name)), { level: constants.Z_BEST_COMPRESSION }));
      }
    },
  };
}
