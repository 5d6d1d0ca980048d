// Which sources the committed page was built from: a test fails where somebody has forgotten to build.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Plugin } from "vite";

const SINGLE = ["drive.html", "index.html", "package.json", "packed.ts", "sources.ts", "tsconfig.json", "vite.config.ts"];

export function recordSources(root: string): Plugin {
  const below = (folder: string) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => relative(root, join(file.parentPath, file.name)).replaceAll("\\", "/"));
  return {
    name: "record-sources",
    closeBundle() {
      const hash = createHash("sha256");
      for (const name of [...SINGLE, ...below("public"), ...below("src")].sort()) {
        hash.update(`${name}\n`).update(readFileSync(join(root, name)));
      }
      writeFileSync(join(root, "built-from.sha256"), `${hash.digest("hex")}\n`);
    },
  };
}
